import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';

/** Variables are named like in a shell; `$${` writes a literal `${`. */
const VARIABLE = /\$\$\{|\$\{([^}]*)\}/g;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Steps from the root to a value: keys of mappings and indexes of lists. */
export type ConfigPath = readonly (string | number)[];

/** A YAML file that knows on which line each of its values stands, and collects what is wrong with it. */
export class ConfigDocument {
  private readonly found: { readonly line: number; readonly text: string }[] = [];
  private readonly lines = new LineCounter();
  private readonly document: Document;

  constructor(
    text: string,
    private readonly fileName: string,
  ) {
    // No warnings: they would go to the process, past the log, with what stands in the file.
    this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false, logLevel: 'error' });
    for (const { pos, message } of this.document.errors) {
      this.found.push({ line: this.lineAt(pos[0]), text: withoutSource(message) });
    }
  }

  /** Every problem so far as `file:line: text`, in the order of the file. */
  get problems(): string[] {
    return [...this.found].sort((a, b) => a.line - b.line).map(({ line, text }) => `${this.fileName}:${line}: ${text}`);
  }

  /** Reports a problem of the value at `path`, or with `key`, of that key inside it. */
  refuse(path: ConfigPath, text: string, key?: string): void {
    this.found.push({ line: this.lineOf(path, key), text });
  }

  /** Replaces `${NAME}` in every string value; a variable that is not set, or empty, is a problem of its line. */
  substitute(env: Readonly<Record<string, string | undefined>>): void {
    visit(this.document, {
      Scalar: (role, node) => {
        if (role === 'key' || typeof node.value !== 'string') return;
        node.value = node.value.replace(VARIABLE, (match, name: string | undefined) => {
          if (name === undefined) return '${';
          const value = VARIABLE_NAME.test(name) ? env[name] : undefined;
          if (value !== undefined && value !== '') return value;
          this.found.push({
            line: this.lineAt(node.range?.[0] ?? 0),
            text: `the environment variable ${name} is not set`,
          });
          return match;
        });
      },
    });
  }

  /** The plain value of the file; null when it is empty, or when its aliases cannot be followed, which is a problem then. */
  toValue(): unknown {
    try {
      return this.document.toJS();
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      this.refuseAliases();
      return null;
    }
  }

  private refuseAliases(): void {
    const { length } = this.found;
    visit(this.document, {
      Alias: (_, node) => {
        if (node.resolve(this.document) !== undefined) return;
        this.found.push({
          line: this.lineAt(node.range?.[0] ?? 0),
          text: 'an alias (*) stands for nothing that comes before it; put the text in quotes if it is none',
        });
      },
    });
    if (this.found.length === length) this.found.push({ line: 1, text: 'too much is said by aliases (*)' });
  }

  private lineOf(path: ConfigPath, key: string | undefined): number {
    // The nearest ancestor that is there: a missing field has no line of its own.
    for (let depth = path.length; depth >= 0; depth--) {
      const node = this.document.getIn(path.slice(0, depth), true);
      if (!isNode(node)) continue;
      const pair = key !== undefined && isMap(node) ? node.items.find((item) => nameOf(item.key) === key) : undefined;
      const keyNode = isPair(pair) && isNode(pair.key) ? pair.key : undefined;
      return this.lineAt((keyNode ?? node).range?.[0] ?? 0);
    }
    return 1;
  }

  private lineAt(offset: number): number {
    return this.lines.linePos(offset).line;
  }
}

/** A message of the parser up to where it repeats what stands in the file, which may be a credential. */
function withoutSource(message: string): string {
  return (message.split(/: |\\/, 1)[0] ?? message).trimEnd();
}

function nameOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

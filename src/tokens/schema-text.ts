import { isObject } from '../common/is-object.js';

/** Most values of a tool list or schema that are looked at; a legal one has some hundreds. */
const NODES_MAX = 20_000;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Writes tools and JSON schemas as the text that a model is likely to see, for counting. OpenAI shows tools as
 * TypeScript declarations; its exact text is not published, this one is known to count within a few tokens.
 * Descriptions of nested fields are kept, which errs on the high side.
 */
export class SchemaText {
  private nodesLeft = NODES_MAX;
  private out = '';

  /** True when the input was so large that its rest was left out. */
  get isCut(): boolean {
    return this.nodesLeft < 0;
  }

  /** The declarations of function definitions, each `{name, description?, parameters?}`. */
  functions(definitions: readonly unknown[]): string {
    this.out = 'namespace functions {\n\n';
    for (const definition of definitions) {
      if (!this.take()) break;
      if (!isObject(definition)) continue;
      const { name, description, parameters } = definition;
      if (isText(description)) this.out += `// ${description}\n`;
      if (!isObject(parameters) || !hasProperties(parameters)) {
        this.out += `type ${textOf(name)} = () => any;\n\n`;
        continue;
      }
      this.out += `type ${textOf(name)} = (_: {\n`;
      this.properties(parameters, 0);
      this.out += '\n}) => any;\n\n';
    }
    return `${this.out}} // namespace functions`;
  }

  /** A value as compact JSON. */
  json(value: unknown): string {
    this.out = '';
    this.writeJson(value);
    return this.out;
  }

  private properties(schema: JsonObject, indent: number): void {
    const { properties, required } = schema;
    if (!isObject(properties)) return;
    const needed = new Set<unknown>(Array.isArray(required) ? required : []);
    const space = ' '.repeat(Math.min(indent, 40));
    let separator = '';
    for (const [name, property] of Object.entries(properties)) {
      if (!this.take()) return;
      this.out += separator;
      separator = '\n';
      if (isObject(property) && isText(property['description'])) this.out += `${space}// ${property['description']}\n`;
      this.out += `${space}${name}${needed.has(name) ? '' : '?'}: `;
      this.type(property, indent);
      this.out += ',';
    }
  }

  private type(schema: unknown, indent: number): void {
    if (!this.take()) return;
    if (!isObject(schema)) {
      this.out += 'any';
      return;
    }
    const { type, enum: choices } = schema;
    if (Array.isArray(choices)) {
      this.choices(choices);
      return;
    }
    switch (type) {
      case 'string':
      case 'boolean':
      case 'null':
        this.out += type;
        return;
      case 'integer':
      case 'number':
        this.out += 'number';
        return;
      case 'array':
        if (isObject(schema['items'])) this.type(schema['items'], indent);
        else this.out += 'any';
        this.out += '[]';
        return;
      case 'object':
        this.out += '{\n';
        this.properties(schema, indent + 2);
        this.out += `\n${' '.repeat(Math.min(indent, 40))}}`;
        return;
      default:
        // Unions, references and what else there is: shown as written.
        if (Object.keys(schema).length === 0) this.out += 'any';
        else this.writeJson(schema);
    }
  }

  private choices(choices: readonly unknown[]): void {
    let separator = '';
    for (const choice of choices) {
      if (!this.take()) return;
      this.out += separator;
      separator = ' | ';
      this.writeJson(choice);
    }
  }

  private writeJson(value: unknown): void {
    if (!this.take()) return;
    let separator = '';
    if (Array.isArray(value)) {
      this.out += '[';
      for (const item of value) {
        if (this.isCut) return;
        this.out += separator;
        separator = ',';
        this.writeJson(item);
      }
      this.out += ']';
    } else if (isObject(value)) {
      this.out += '{';
      for (const [name, member] of Object.entries(value)) {
        if (this.isCut) return;
        this.out += `${separator}"${name}":`;
        separator = ',';
        this.writeJson(member);
      }
      this.out += '}';
    } else this.out += typeof value === 'string' ? `"${value}"` : String(value);
  }

  private take(): boolean {
    return --this.nodesLeft >= 0;
  }
}

function hasProperties(schema: JsonObject): boolean {
  const properties = schema['properties'];
  return isObject(properties) && Object.keys(properties).length > 0;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

import { escapeHtml, SafeHtml } from './html.js';

export type CodeLanguage = 'json' | 'shell' | 'javascript' | 'python' | 'text';

const STRING = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`/.source;
const NUMBER = /\b\d+(?:\.\d+)?\b/.source;

/** Per language, what to colour; the group's name is the CSS class, and the first alternative that fits wins. */
const TOKENS: Readonly<Record<CodeLanguage, RegExp | undefined>> = {
  json: new RegExp(
    `(?<comment>//[^\\n]*)|(?<name>"(?:\\\\.|[^"\\\\\\n])*"(?=\\s*:))|(?<string>${STRING})|(?<number>-?${NUMBER})|(?<keyword>\\b(?:true|false|null)\\b)`,
    'g',
  ),
  shell: new RegExp(
    `(?<string>${STRING})|(?<keyword>^(?:curl|npm|pip)\\b)|(?<name>(?<=\\s)-{1,2}[A-Za-z-]+)|(?<comment>(?<=^|\\s)#[^\\n]*)`,
    'gm',
  ),
  javascript: new RegExp(
    `(?<comment>//[^\\n]*)|(?<string>${STRING})|(?<number>${NUMBER})|(?<keyword>\\b(?:async|await|break|const|continue|for|from|function|if|import|let|new|of|return|throw|true|false|while)\\b)`,
    'g',
  ),
  python: new RegExp(
    `(?<comment>#[^\\n]*)|(?<string>${STRING})|(?<number>${NUMBER})|(?<keyword>\\b(?:False|None|True|and|as|for|if|import|in|not|or|print)\\b)`,
    'g',
  ),
  text: undefined,
};

/** Colours a piece of code. The text inside the markup is exactly `code`. */
export function highlight(code: string, language: CodeLanguage): SafeHtml {
  const tokens = TOKENS[language];
  if (!tokens) return new SafeHtml(escapeHtml(code));
  let markup = '';
  let end = 0;
  for (const match of code.matchAll(tokens)) {
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0];
    markup += `${escapeHtml(code.slice(end, match.index))}<span class="t-${kind}">${escapeHtml(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return new SafeHtml(markup + escapeHtml(code.slice(end)));
}

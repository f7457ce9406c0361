import fc from 'fast-check';
import { ConfigDocument } from './config-document.js';

const CANARY = 'sk-canary';
const FILE = `channels:
  - id: a
    provider: openai
    apiKeys: [${CANARY}-1, "${CANARY}-2"]
    callbackSecret: '${CANARY}-3'
    models: { m: }
models:
  - id: m
    price: &p { perRequest: "1" }
`;
const MARKS = [...`"'*&!%|>{}[]:,?@\`\\#-<=`, '\n', '\t', '  ', '- ', '---\n', '...\n', '\0', '<<: ', '!!int '];

/** What is wrong with a text, read as a whole. */
function problemsOf(text: string): readonly string[] {
  const document = new ConfigDocument(text, 'hub.yaml');
  if (document.problems.length === 0) document.toValue();
  return document.problems;
}

describe('a file that is no YAML', () => {
  it.each([
    ['a bracket too many', 'channels:\n  - id: a\n    apiKey: ]sk-canary', /^hub\.yaml:3: /],
    ['a sign of a block', 'channels:\n  - id: a\n  > apiKey: sk-canary', /^hub\.yaml:3: /],
    ['an alias of nothing', 'channels:\n  - id: a\n    apiKey: *sk-canary', /^hub\.yaml:3: an alias/],
    ['an alias of nothing, twice', 'channels: *sk-canary\nmodels: *sk-canary', /^hub\.yaml:1: an alias/],
  ])('is a problem of its line for %s, and is not repeated: it may be a credential', (_name, text, problem) => {
    expect(problemsOf(text)).toContainEqual(expect.stringMatching(problem));
    expect(problemsOf(text).join()).not.toContain(CANARY);
  });

  it('may not multiply itself without end', () => {
    const levels = ['a', 'b', 'c', 'd'].map((name, i, all) => {
      const item = i === 0 ? 'x' : `*${all[i - 1]}`;
      return `${name}: &${name} [${Array(10).fill(item).join(', ')}]`;
    });
    expect(problemsOf(levels.join('\n'))).toEqual([expect.stringMatching(/^hub\.yaml:1: .*alias/)]);
  });

  // A slip of the hand in a file of secrets must not bring them into the log, into alerts and to their receivers.
  it('shows no credential, wherever it breaks', () => {
    const slip = fc.record({ at: fc.nat(FILE.length), removed: fc.nat(3), added: fc.constantFrom('', ...MARKS) });
    const broken = fc
      .array(slip, { minLength: 1, maxLength: 3 })
      .map((slips) =>
        slips.reduce((text, { at, removed, added }) => text.slice(0, at) + added + text.slice(at + removed), FILE),
      );
    fc.assert(
      fc.property(broken, (text) => {
        expect(problemsOf(text).join()).not.toMatch(/canar|anary/);
      }),
      { numRuns: 1_500 },
    );
  });
});

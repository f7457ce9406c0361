import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VENDORS } from '../../src/providers/vendors.js';
import { PROJECT_ROOT } from './project-files.js';

const text = (file: string): string => readFileSync(join(PROJECT_ROOT, file), 'utf8');
/** Servers that anybody may run in a vendor's format are no vendors. */
const FORMATS: readonly string[] = ['openai-compatible', 'openai-responses'];

function entriesOf(folder: string): readonly string[] {
  return readdirSync(join(PROJECT_ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || folder === 'docs')
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort();
}

/** The tree of the project in a guide: what stands behind `src/` and behind `docs/`. */
function treeOf(file: string): { readonly sources: readonly string[]; readonly guides: readonly string[] } {
  const tree = /^src\/\n(?<sources>(?: {2}.*\n)+)(?:\S.*\n)*docs\/(?<guides>.*\n(?: +.*\n)*)```/m.exec(
    text(file),
  )?.groups;
  const sources = (tree?.['sources'] ?? '')
    .split('\n')
    .flatMap((line) => /^ {2}((?:[\w-]+\/ )*[\w-]+\/)/.exec(line)?.[1]?.split(' ') ?? []);
  const guides = [...(tree?.['guides'] ?? '').matchAll(/[\w-]+(?:\.md|\/)/g)].map(([name]) => name);
  // Of the pictures it says how they are made, which names their folder once more.
  return { sources: sources.toSorted(), guides: [...new Set(guides)].toSorted() };
}

describe.each(['README.md', 'README.zh.md'])('%s', (file) => {
  it('shows every folder of the sources once, and none that is not there', () => {
    expect(treeOf(file).sources).toEqual(entriesOf('src'));
  });

  it('names every guide', () => {
    expect(treeOf(file).guides).toEqual(entriesOf('docs'));
  });

  it('counts the providers there are', () => {
    const count = /(?<=speaks to |支持 )\d+(?= providers| 家服务商)/.exec(text(file))?.[0];
    expect(Number(count)).toBe(VENDORS.filter(({ id }) => !FORMATS.includes(id)).length);
  });
});

describe('.env.example', () => {
  it('says nothing twice', () => {
    const lines: readonly string[] = text('.env.example').match(/^# .{50}/gm) ?? [];
    expect(lines.filter((line, i) => lines.indexOf(line) !== i)).toEqual([]);
  });
});

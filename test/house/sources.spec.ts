import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT, projectFiles } from './project-files.js';

const LINES_MAX = 400;
const sources = projectFiles().filter((path) => /^(src|test|bench|scripts|bin|migrations)\/.*\.(ts|mjs)$/.test(path));

describe('source files', () => {
  it('are found', () => {
    expect(sources).toContain('test/house/sources.spec.ts');
    expect(sources.some((path) => path.startsWith('src/'))).toBe(true);
  });

  it(`stay under ${LINES_MAX} lines: a longer one has become two things`, () => {
    const long = sources
      .map((path) => `${path}: ${lineCount(path)}`)
      .filter((line) => Number(line.split(': ')[1]) >= LINES_MAX);
    expect(long).toEqual([]);
  });

  // dependency-cruiser does not see these, so they could carry a type past the module directions.
  it("name a type by an import at the top, not as import('./file.js').Type", () => {
    const hidden = sources.filter(
      (path) => path.startsWith('src/') && /\bimport\(\s*['"][^'"]+['"]\s*\)\.[A-Z]/.test(text(path)),
    );
    expect(hidden).toEqual([]);
  });
});

function text(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8');
}

function lineCount(path: string): number {
  return text(path).trimEnd().split('\n').length;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT, projectFiles } from './project-files.js';

const GUIDE = readFileSync(join(PROJECT_ROOT, 'docs/video.md'), 'utf8');

/** Codes that the engine writes as text; those of `job.errors.ts` refuse a request before there is a job. */
const CODES = new Set(
  projectFiles()
    .filter((path) => /^src\/jobs\/job-[a-z-]+\.ts$/.test(path))
    .flatMap((path) => [...readFileSync(join(PROJECT_ROOT, path), 'utf8').matchAll(/\bcode: '([a-z_]+)'/g)])
    .map(([, code]) => code),
);

describe('the guide to videos', () => {
  it('is compared with codes that there are', () => {
    expect([...CODES]).toEqual(expect.arrayContaining(['queue_timeout', 'result_unavailable', 'internal_error']));
  });

  it('explains every code with which the hub fails a job', () => {
    const rows = GUIDE.split('\n').filter((line) => line.startsWith('| `'));
    expect([...CODES].filter((code) => !rows.some((row) => row.includes(`\`${code}\``)))).toEqual([]);
  });
});

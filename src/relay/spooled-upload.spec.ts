import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepStaleUploads } from './spooled-upload.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 60 * 60 * 1000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spooled-upload-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function leave(name: string, ageMs: number): void {
  writeFileSync(join(folder, name), 'x');
  age(name, ageMs);
}

function age(name: string, ageMs: number): void {
  const writtenAt = new Date(NOW_MS - ageMs);
  utimesSync(join(folder, name), writtenAt, writtenAt);
}

describe('the sweep of uploads', () => {
  it('removes those older than an hour, and nothing else', async () => {
    leave('ug-ai-hub-upload-old', HOUR_MS + 1);
    leave('ug-ai-hub-upload-older', 100 * HOUR_MS);
    leave('ug-ai-hub-upload-young', HOUR_MS);
    leave('somebody-elses', 100 * HOUR_MS);
    await sweepStaleUploads(folder, NOW_MS);
    expect(readdirSync(folder).sort()).toEqual(['somebody-elses', 'ug-ai-hub-upload-young']);
  });

  it('passes over what it cannot remove', async () => {
    mkdirSync(join(folder, 'ug-ai-hub-upload-a-folder'));
    age('ug-ai-hub-upload-a-folder', 2 * HOUR_MS);
    leave('ug-ai-hub-upload-old', 2 * HOUR_MS);
    await sweepStaleUploads(folder, NOW_MS);
    expect(readdirSync(folder)).toEqual(['ug-ai-hub-upload-a-folder']);
  });

  it('of a folder that is not there does nothing', async () => {
    await expect(sweepStaleUploads(join(folder, 'absent'), NOW_MS)).resolves.toBeUndefined();
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database } from '../../src/database/database.js';

const ROOT = join(import.meta.dirname, '..', '..');
const ROUNDS = 4;

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'hub-durability-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

function startWriter(round: number): ChildProcess {
  const loader = new URL('../support/register-ts.mjs', import.meta.url).href;
  const writer = fileURLToPath(new URL('../support/durability-writer.ts', import.meta.url));
  const args = ['--import', loader, writer, dataDir, `${round}`];
  return spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Kills the writer after it has acknowledged some rows; resolves to everything it had said by then. */
function killAfter(writer: ChildProcess, rows: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let said = '';
    writer.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.split('\n').length > rows) writer.kill('SIGKILL');
    });
    writer.once('error', reject);
    // `close`, not `exit`: what was written before the kill is still in the pipe.
    writer.once('close', () => resolve(said.split('\n').slice(0, -1)));
  });
}

it('keeps every acknowledged row of the embedded database through kill -9, on a disk that is told to sync', async () => {
  const acknowledged: string[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const [fsync, ...rows] = await killAfter(startWriter(round), randomInt(2, 150));
    expect(fsync).toBe('fsync on');
    expect(rows.length).toBeGreaterThan(0);
    acknowledged.push(...rows.map((row) => `${round}-${row}`));

    // Opens at once: the dead process's lock died with it.
    const database = await Database.open({ url: undefined, dataDir, poolMax: 1, ledgerPoolMax: 2 });
    const stored = await database.sql.query<{ id: string }>('select id from model');
    await database.close();
    const found = new Set(stored.map((row) => row.id));
    expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  }
}, 120_000);

import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openAsBlob,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { MEMORY_DATA_DIR } from '../../src/config/parse-settings.js';
import type { Settings } from '../../src/config/settings.js';
import { Database } from '../../src/database/database.js';
import { nativeClient } from '../../src/database/migrate.js';
import { PROJECT_ROOT } from './processes.js';

/** Settings of an embedded database in memory. */
export const MEMORY_DATABASE: Settings['database'] = {
  url: undefined,
  dataDir: MEMORY_DATA_DIR,
  poolMax: 1,
  ledgerPoolMax: 2,
};

// Making an embedded database takes 5 s of processor time, mostly for PostgreSQL's initdb; taking a copy of one takes 0.2 s.
const TEMPLATES = join(PROJECT_ROOT, '.cache', 'test-database');
const TAR = 'memory.tar';
const VERSION_CHARACTERS = 20;

/** An empty, migrated embedded database in memory, a copy of one that was made before; the caller closes it. */
export async function openMemoryDatabase(): Promise<Database> {
  // Read where it lies: jest never lets go of what a suite has had in memory.
  return await Database.open(MEMORY_DATABASE, await openAsBlob(join(await template(), TAR)));
}

/** Puts an empty, migrated embedded database into a data directory, which must not exist. */
export async function copyDatabaseTo(dataDir: string): Promise<void> {
  mkdirSync(dataDir, { mode: 0o700 });
  cpSync(join(await template(), 'pg'), join(dataDir, 'pg'), { recursive: true });
}

/** The folder of the template, kept between runs until something that it is made of changes. */
async function template(): Promise<string> {
  const folder = join(TEMPLATES, versionOfTemplate());
  if (existsSync(folder)) return folder;
  mkdirSync(TEMPLATES, { recursive: true });
  const draft = mkdtempSync(join(TEMPLATES, 'draft-'));
  try {
    await makeTemplate(draft);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Two test workers may make it at the same time; the first one to finish wins.
    if (!existsSync(folder)) throw error;
  }
  // Without complaint: another worker may do the same at this moment.
  for (const name of readdirSync(TEMPLATES))
    if (name.length === VERSION_CHARACTERS && join(TEMPLATES, name) !== folder)
      rmSync(join(TEMPLATES, name), { recursive: true, force: true });
  return folder;
}

/** Every suite pays for each file and each byte, so it has none that tests have no use for: 13 MB rather than 44. */
async function makeTemplate(folder: string): Promise<void> {
  const bare = await PGlite.create({ dataDir: join(folder, 'pg'), initDbStartParams: ['--wal-segsize=1'] });
  await bare.close();
  appendFileSync(
    join(folder, 'pg', 'postgresql.conf'),
    ['min_wal_size = 2MB', 'max_wal_size = 2MB', 'shared_buffers = 16MB', ''].join('\n'),
  );
  const database = await Database.open({ ...MEMORY_DATABASE, dataDir: folder });
  const pglite = await nativeClient<PGlite>(database.orm);
  // Nobody makes a database out of these.
  await pglite.exec('update pg_database set datistemplate = false');
  for (const name of ['template0', 'template1']) await pglite.exec(`drop database ${name}`);
  await pglite.exec('vacuum full');
  await pglite.exec('checkpoint');
  const tar = await pglite.dumpDataDir('none');
  await database.close();
  writeFileSync(join(folder, TAR), Buffer.from(await tar.arrayBuffer()));
}

function versionOfTemplate(): string {
  const hash = createHash('sha256');
  // The partitions in it are those of the month in which it was made, and of the two after it.
  hash.update(new Date().toISOString().slice(0, 7));
  const sources = [
    'migrations/*',
    'src/database/{orm-config,migrations}.ts',
    'package-lock.json',
    'test/support/database.ts',
  ];
  for (const file of globSync(sources, { cwd: PROJECT_ROOT }).sort())
    hash.update(readFileSync(join(PROJECT_ROOT, file)));
  return hash.digest('hex').slice(0, VERSION_CHARACTERS);
}

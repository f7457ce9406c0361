import { Database } from '../../src/database/database.js';

// Writes rows into the embedded database of a directory, and says each one's number once it is acknowledged, until killed.
const [dataDir = '', round = ''] = process.argv.slice(2);
const { sql } = await Database.open({ url: undefined, dataDir, poolMax: 1, ledgerPoolMax: 2 });
const [settings] = await sql.query<{ fsync: string }>(`select current_setting('fsync') as fsync`);
process.stdout.write(`fsync ${settings?.fsync}\n`);
for (let i = 1; ; i++) {
  await sql.query(`insert into model (id) values ($1)`, [`${round}-${i}`]);
  process.stdout.write(`${i}\n`);
}

/**
 * Finds credentials of this product that were committed by mistake: `npm run check:secrets -- [FOLDER] [--history]`. Looks
 * through the files of the repository, with --history also through every version of them and every commit message.
 */
import { join } from 'node:path';
import { findSecrets } from './supply/find-secrets.mjs';
import { historyTexts, projectTexts } from './supply/read-git.mjs';

const args = process.argv.slice(2);
const root = args.find((arg) => !arg.startsWith('--')) ?? join(import.meta.dirname, '..');
let count = 0;
let found = 0;
for (const texts of [projectTexts, ...(args.includes('--history') ? [historyTexts] : [])]) {
  for (const { name, text } of texts(root)) {
    count++;
    for (const { line, shown } of findSecrets(text)) {
      found++;
      console.error(`${name}:${line}: ${shown} is a credential: revoke it, then take it out`);
    }
  }
}
console.log(`${count} texts, ${found} credentials`);
if (found > 0) process.exitCode = 1;

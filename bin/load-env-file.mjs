import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../.env', import.meta.url));

/** Reads `.env` beside package.json, when there is one; what the environment has already wins. */
export function loadEnvFile() {
  if (existsSync(FILE)) process.loadEnvFile(FILE);
}

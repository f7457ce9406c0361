// npm run report:adapters
// Lines of code of each adapter, its tests apart: how much it takes to add a vendor.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ADAPTERS = fileURLToPath(new URL('../src/providers/adapters', import.meta.url));

const rows = readdirSync(ADAPTERS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const files = readdirSync(join(ADAPTERS, name)).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
    );
    const lines = files.reduce((sum, file) => sum + countLines(join(ADAPTERS, name, file)), 0);
    return { name, files: files.length, lines, isProvider: files.includes(`${name}.provider.ts`) };
  })
  .sort((a, b) => b.lines - a.lines);

for (const { name, files, lines, isProvider } of rows) {
  console.log(
    `${String(lines).padStart(6)} lines ${String(files).padStart(4)} files  ${name}${isProvider ? '' : ' (shared)'}`,
  );
}
const providers = rows.filter(({ isProvider }) => isProvider);
const median = providers[Math.floor(providers.length / 2)];
const [largest] = providers;
console.log(
  `\n${providers.length} providers: median ${median?.lines} lines, largest ${largest?.lines} (${largest?.name})`,
);

/** @param {string} file */
function countLines(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '').length;
}

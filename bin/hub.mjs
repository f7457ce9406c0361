#!/usr/bin/env node
// npm run hub -- COMMAND
import { launch } from './launch.mjs';

await launch(import.meta.url, async () => {
  const { loadEnvFile } = await import('./load-env-file.mjs');
  const { buildIfNeeded } = await import('./build-if-needed.mjs');
  loadEnvFile();
  buildIfNeeded();
  process.setSourceMapsEnabled(true);
  await import('../dist/src/cli/main.js');
});

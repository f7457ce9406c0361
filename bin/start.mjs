#!/usr/bin/env node
// npm start
import { launch } from './launch.mjs';

await launch(import.meta.url, async () => {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { loadEnvFile } = await import('./load-env-file.mjs');
  const { buildIfNeeded } = await import('./build-if-needed.mjs');
  loadEnvFile();
  buildIfNeeded();
  process.setSourceMapsEnabled(true);
  await import('../dist/src/main.js');
});

/**
 * No known weakness that is high or critical in production packages: `npm run check:audit`. Dated exceptions stand in
 * supply/policy.json. A registry that cannot be asked is said so and passes, but for --required.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { judgeAudit } from './supply/judge-audit.mjs';
import { policy } from './supply/read-project.mjs';

const ASKED_MS_MAX = 60_000;
const args = ['audit', '--omit=dev', '--json', '--fetch-retries=1', '--fetch-timeout=20000'];
const run = spawnSync('npm', args, {
  cwd: join(import.meta.dirname, '..'),
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  timeout: ASKED_MS_MAX,
});
const outcome = run.error
  ? { skipped: run.error.message }
  : judgeAudit(JSON.parse(run.stdout), policy.auditExceptions, new Date().toISOString().slice(0, 10));
if ('skipped' in outcome) {
  console.log(`npm audit: SKIPPED, the registry could not be asked: ${outcome.skipped}`);
  if (process.argv.includes('--required')) process.exitCode = 1;
} else if (outcome.problems.length > 0) {
  console.error(`npm audit:\n${outcome.problems.join('\n')}`);
  process.exitCode = 1;
} else {
  console.log(`npm audit: nothing high or critical in production (${policy.auditExceptions.length} exceptions)`);
}

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

interface CruiseReport {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

/** One broken direction each: rule, the file that breaks it, and its text. */
const PLANTS: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['no-circular', 'src/auth/ring-a.ts', `import { b } from './ring-b.js';\nexport const a = () => b;`],
  ['not-to-unresolvable', 'src/auth/lost.ts', `export { gone } from './gone.js';`],
  ['product-uses-declared-packages', 'src/auth/dev.ts', `export { fc } from 'fast-check';`],
  ['product-leaves-tests-alone', 'src/auth/tested.ts', `export { t } from '../../test/support/t.js';`],
  ['only-app-uses-relay', 'src/bootstrap/up.ts', `export { relay } from '../relay/relay.service.js';`],
  ['only-app-uses-relay', 'src/cli/up.ts', `export { relay } from '../relay/relay.service.js';`],
  ['only-relay-and-app-use-video', 'src/jobs/up.ts', `export { desk } from '../video/job-desk.js';`],
  ['process-starts-nothing-it-runs', 'src/health/up.ts', `export { App } from '../app.module.js';`],
  // A type is a dependency like any other. (`import('./t.js').T` is not seen: sources.spec.ts refuses it.)
  ['common-uses-only-common', 'src/common/type-a.ts', `import type { T } from '../auth/t.js';\nexport type A = T;`],
  ['common-uses-only-common', 'src/common/type-b.ts', `import { type T } from '../auth/t.js';\nexport type B = T;`],
  ['common-uses-only-common', 'src/common/type-c.ts', `export type { T } from '../auth/t.js';`],
  ['config-uses-only-common', 'src/config/up.ts', `export { t } from '../auth/t.js';`],
  ['sandbox-uses-only-common', 'src/sandbox/up.ts', `export { t } from '../auth/t.js';`],
  ['limits-uses-only-common-config-redis', 'src/limits/up.ts', `export { t } from '../auth/t.js';`],
  ['providers-canonical-uses-only-common', 'src/providers/canonical/up.ts', `export { s } from '../transport/s.js';`],
  ['tokens-uses-only-common', 'src/tokens/up.ts', `export { q } from '../quota/q.js';`],
  ['capabilities-uses-only-channels-common', 'src/capabilities/up.ts', `export { q } from '../quota/q.js';`],
  [
    'observers-uses-only-common-providers/canonical-routing/attempt-record',
    'src/observers/up.ts',
    `export { q } from '../quota/q.js';`,
  ],
  ['only-app-loads-metrics-and-traces', 'src/relay/metrics.ts', `export { m } from '../metrics/m.js';`],
  ['metrics-and-traces-are-loaded-late', 'src/app.early.ts', `export { m } from './metrics/m.js';`],
  ['pricing-uses-only-common-database', 'src/pricing/up.ts', `export { q } from '../quota/q.js';`],
  ['pricing-uses-only-common-database', 'src/pricing/type.ts', `export type { T } from '../auth/t.js';`],
  ['alerts-uses-only-common-config-database-providers', 'src/alerts/up.ts', `export { t } from '../auth/t.js';`],
  ['audit-uses-only-alerts-common-config-database-redis', 'src/audit/up.ts', `export { q } from '../quota/q.js';`],
  ['media-keeps-files', 'src/media/a.ts', `export { q } from '../quota/q.js';`],
  ['media-keeps-files', 'src/media/b.ts', `export { j } from '../jobs/jobs.service.js';`],
  ['care-uses-only-common-config-database-secrets', 'src/care/up.ts', `export { t } from '../auth/t.js';`],
  ['providers-know-no-callers', 'src/providers/up.ts', `export { t } from '../auth/t.js';`],
  ['providers-know-no-callers', 'src/providers/later.ts', `export const load = () => import('../quota/q.js');`],
  ['adapters-are-pure', 'src/providers/adapters/acme/a.ts', `export { s } from '../../transport/s.js';`],
  ['adapters-are-pure', 'src/providers/adapters/acme/b.ts', `export { request } from 'undici';`],
  ['adapters-are-pure', 'src/providers/adapters/acme/c.ts', `export { Injectable } from '@nestjs/common';`],
  ['adapters-are-pure', 'src/providers/adapters/acme/d.ts', `export { readFile } from 'node:fs/promises';`],
  ['redemption-knows-the-ledger-only', 'src/redemption/a.ts', `export { t } from '../account/t.js';`],
  ['account-reads-the-books', 'src/account/up.ts', `export { postEntry } from '../quota/post-entry.js';`],
  ['idempotency-knows-no-route', 'src/idempotency/a.ts', `export { t } from '../auth/t.js';`],
  ['quota-knows-no-http', 'src/quota/a.ts', `export { t } from '../auth/t.js';`],
  [
    'quota-knows-no-http',
    'src/quota/b.ts',
    `import type { FastifyReply } from 'fastify';\nexport type R = FastifyReply;`,
  ],
  [
    'retention-uses-only-alerts-common-config-database-usage',
    'src/retention/up.ts',
    `export { q } from '../quota/q.js';`,
  ],
  ['capture-uses-only-auth-common-config-database-secrets', 'src/capture/up.ts', `export { q } from '../quota/q.js';`],
  ['usage-uses-only-common-database-auth-docs', 'src/usage/up.ts', `export { q } from '../quota/q.js';`],
  ['reporting-uses-only-common-database-pricing-usage', 'src/reporting/up.ts', `export { q } from '../quota/q.js';`],
  [
    'imports-uses-only-audit-log-capabilities-channels-common-database-keys-pricing-providers-quota-redemption-secrets',
    'src/imports/up.ts',
    `export { t } from '../auth/t.js';`,
  ],
  ['only-commands-import', 'src/auth/import.ts', `export { i } from '../imports/i.js';`],
  [
    'webhooks-uses-only-auth-common-config-database-docs-jobs-limits-media-providers-secrets',
    'src/webhooks/up.ts',
    `export { q } from '../quota/q.js';`,
  ],
  [
    'callbacks-uses-only-channels-common-jobs-limits-providers',
    'src/callbacks/up.ts',
    `export { q } from '../quota/q.js';`,
  ],
];

/** The other half of the ring; it is reported once, at its first file. */
const RING_END = ['src/auth/ring-b.ts', `import { a } from './ring-a.js';\nexport const b = () => a;`] as const;

/** What the plants point at, and code that must pass. */
const SOUND: readonly (readonly [file: string, text: string])[] = [
  ['src/auth/t.ts', `export const t = 1;\nexport type T = 1;`],
  ['src/auth/auth.spec.ts', `export { t } from '../../test/support/t.js';\nexport { fc } from 'fast-check';`],
  ['src/jobs/job.ts', `export type { T } from '../auth/t.js';`],
  ['src/jobs/jobs.service.ts', `export const j = 1;`],
  ['src/media/t.ts', `export type { T } from '../jobs/job.js';`],
  ['src/quota/q.ts', `export { c } from '../common/c.js';`],
  ['src/quota/post-entry.ts', `export const postEntry = 1;`],
  ['src/account/t.ts', `export { q as t } from '../quota/q.js';`],
  ['src/redemption/t.ts', `export { postEntry } from '../quota/post-entry.js';`],
  ['src/common/c.ts', `export const c = 1;`],
  ['src/relay/relay.service.ts', `export { c as relay } from '../common/c.js';\nexport { t } from '../auth/t.js';`],
  ['src/video/job-desk.ts', `export const desk = 1;`],
  ['src/metrics/m.ts', `export { q as m } from '../quota/q.js';`],
  ['src/app.late.ts', `export const load = () => import('./metrics/m.js');`],
  ['src/imports/i.ts', `export { q } from '../quota/q.js';`],
  ['src/cli/import.ts', `export { i } from '../imports/i.js';`],
  ['src/providers/transport/s.ts', `export const s = 1;\nexport { request } from 'undici';`],
  ['src/providers/adapters/acme/acme.provider.ts', `export { c } from '../../../common/c.js';`],
  [
    'src/app.module.ts',
    `export { relay as App } from './relay/relay.service.js';\nexport { desk } from './video/job-desk.js';`,
  ],
  ['test/support/t.ts', `export const t = 1;`],
];

describe('the module directions', () => {
  let folder: string;
  let found: string[];

  beforeAll(async () => {
    // Inside the tree (an ignored folder), so that packages resolve the way they do for the product.
    await mkdir(join(ROOT, '.cache'), { recursive: true });
    folder = await mkdtemp(join(ROOT, '.cache', 'directions-'));
    for (const [file, text] of [...PLANTS.map(([, file, text]) => [file, text] as const), RING_END, ...SOUND]) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), `${text}\n`);
    }
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({
        type: 'module',
        dependencies: { undici: '*', '@nestjs/common': '*', fastify: '*' },
        devDependencies: { 'fast-check': '*' },
      }),
    );
    found = await violations(folder);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(PLANTS)('%s refuses %s', (rule, file) => {
    expect(found).toContain(`${rule} ${file}`);
  });

  it('lets sound files pass', () => {
    const sound = SOUND.map(([file]) => file);
    expect(found.filter((line) => sound.includes(line.split(' ')[1]!))).toEqual([]);
  });

  it('has a plant for every rule', async () => {
    const config = await import(relative(import.meta.dirname, join(ROOT, '.dependency-cruiser.mjs')));
    const rules = (config.default.forbidden as { name: string }[]).map((rule) => rule.name);
    expect([...new Set(PLANTS.map(([rule]) => rule))].sort()).toEqual(rules.sort());
  });
});

/** `rule file` for each violation that dependency-cruiser reports in the folder. */
async function violations(folder: string): Promise<string[]> {
  const cruiser = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [cruiser, 'src', '--config', join(ROOT, '.dependency-cruiser.mjs'), '--output-type', 'json'];
  // The json reporter exits 0 also when it reports violations.
  const { stdout } = await run(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  const report = JSON.parse(stdout) as CruiseReport;
  return report.summary.violations.map((violation) => `${violation.rule.name} ${violation.from}`);
}

/**
 * Which module may use which. The source is read with swc because the TypeScript 7 package has no JavaScript API;
 * test/house/module-directions.spec.ts plants one violation per rule, so that a rule that stops seeing imports is noticed.
 */

/** Specs may reach anywhere: an integration spec joins modules that the product keeps apart. */
const PRODUCT = { pathNot: '\\.spec\\.ts$' };

/** Any of these folders or files directly under src. */
const src = (...names) => `^src/(${names.join('|')})(/|\\.|$)`;
/** Any of these packages or node built-ins, however npm or depcruise spells the path to them. */
const packages = (...names) => `(^|node_modules/)(${names.join('|')})(/|$)`;

/** `module` may import its own files, the named modules and packages; nothing else under src. */
function onlyUses(module, ...allowed) {
  return {
    name: `${module.replace('/', '-')}-uses-only-${allowed.join('-')}`,
    comment: `src/${module} stands below the other modules: it imports only ${allowed.join(', ')}.`,
    severity: 'error',
    from: { ...PRODUCT, path: `^src/${module}/` },
    to: { path: '^(src|migrations)/', pathNot: [`^src/${module}/`, src(...allowed)] },
  };
}

/** `module` must not import what `to` matches. */
function forbid(name, comment, from, to) {
  return { name, comment, severity: 'error', from: { ...PRODUCT, path: from }, to: { path: to } };
}

export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Two files that need each other are one idea, or a third file is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'The import leads nowhere; the other rules cannot judge it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'product-uses-declared-packages',
      comment: 'A production install has only `dependencies`; a package that merely happens to be there may leave.',
      severity: 'error',
      from: { ...PRODUCT, path: '^(src|migrations)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown', 'undetermined'] },
    },
    {
      name: 'product-leaves-tests-alone',
      comment: 'Product code must not need test, bench or script files.',
      severity: 'error',
      from: { ...PRODUCT, path: '^(src|migrations)/' },
      to: { path: '^(test|bench|scripts|bin)/|\\.spec\\.ts$' },
    },
    {
      name: 'only-app-uses-relay',
      comment: 'The relay stands at the top: modules it uses must not know it.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.spec\\.ts$', src('relay', 'app\\.\\w+', 'main')] },
      to: { path: src('relay') },
    },
    forbid(
      'only-relay-and-app-use-video',
      'The public API of jobs stands at the top, as the relay does, which reads its requests for a quote.',
      '^src/(?!video/|relay/|app\\.)',
      src('video'),
    ),
    {
      name: 'process-starts-nothing-it-runs',
      comment: 'Modules are assembled by app.module, app.setup and main; they must not import these back.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: ['\\.spec\\.ts$', src('cli', 'bootstrap')] },
      to: { path: '^src/(app\\.|main)' },
    },
    onlyUses('common', 'common'),
    onlyUses('config', 'common'),
    onlyUses('sandbox', 'common'),
    onlyUses('providers/canonical', 'common'),
    onlyUses('tokens', 'common'),
    onlyUses('capabilities', 'channels', 'common'),
    onlyUses('observers', 'common', 'providers/canonical', 'routing/attempt-record'),
    forbid(
      'only-app-loads-metrics-and-traces',
      'Who has something to tell tells it to `observers`; without these two modules nothing else changes.',
      '^src/(?!metrics/|tracing/|app\\.|main)',
      src('metrics', 'tracing'),
    ),
    {
      name: 'metrics-and-traces-are-loaded-late',
      comment: 'With both off neither they nor their packages are loaded: only import() may lead there.',
      severity: 'error',
      from: { ...PRODUCT, path: '^src/', pathNot: ['\\.spec\\.ts$', src('metrics', 'tracing')] },
      to: {
        path: [src('metrics', 'tracing'), packages('prom-client', '@opentelemetry')].join('|'),
        dynamic: false,
      },
    },
    onlyUses('limits', 'common', 'config', 'redis'),
    onlyUses('pricing', 'common', 'database'),
    onlyUses('alerts', 'common', 'config', 'database', 'providers'),
    onlyUses('audit', 'alerts', 'common', 'config', 'database', 'redis'),
    {
      name: 'media-keeps-files',
      comment: 'Custody takes ids and links; who asked, who pays and how jobs are run is not its business.',
      severity: 'error',
      from: { ...PRODUCT, path: '^src/media/' },
      to: {
        path: '^src/',
        pathNot: src('media', 'alerts', 'common', 'config', 'database', 'http', 'jobs/job', 'providers', 'secrets'),
      },
    },
    onlyUses('care', 'common', 'config', 'database', 'secrets'),
    forbid(
      'providers-know-no-callers',
      'Providers speak to upstreams; who asked and who pays is not their business.',
      '^src/providers/',
      src('quota', 'auth', 'keys', 'relay', 'channels'),
    ),
    forbid(
      'adapters-are-pure',
      'A translator is called again by a retry: no network, clock, logger, database or framework.',
      '^src/providers/adapters/',
      [
        '^src/providers/transport/',
        src('database', 'config'),
        packages('fastify', '@fastify', '@nestjs', 'pino', 'undici', '@mikro-orm', '@electric-sql', 'pg', 'ioredis'),
        packages('(node:)?(http|https|http2|net|tls|dns|dgram|fs|child_process|worker_threads|cluster|process|timers)'),
      ].join('|'),
    ),
    forbid(
      'quota-knows-no-http',
      'The ledger takes accounts and amounts; it has never heard of models, callers or HTTP.',
      '^src/quota/',
      [
        src('providers', 'channels', 'models', 'relay', 'auth'),
        packages('fastify', '@fastify', '@nestjs/platform-fastify', 'undici', '(node:)?(http|https|http2)'),
      ].join('|'),
    ),
    forbid(
      'redemption-knows-the-ledger-only',
      'A code becomes an entry; what requests cost is not its business.',
      '^src/redemption/',
      src('billing', 'pricing', 'tokens', 'usage', 'account', 'channels', 'providers'),
    ),
    forbid(
      'account-reads-the-books',
      'What callers may read of the books comes from their tables; nothing here moves money.',
      '^src/account/',
      src('billing', 'pricing', 'tokens', 'limits', 'channels', 'providers', 'redemption', 'quota/post-entry'),
    ),
    {
      name: 'idempotency-knows-no-route',
      comment: 'It stores claims and answers of any route; routes use it, not the other way round.',
      severity: 'error',
      from: { ...PRODUCT, path: '^src/idempotency/' },
      to: { path: '^src/', pathNot: src('idempotency', 'common', 'database', 'secrets') },
    },
    onlyUses('usage', 'common', 'database', 'auth', 'docs'),
    onlyUses('reporting', 'common', 'database', 'pricing', 'usage'),
    onlyUses('retention', 'alerts', 'common', 'config', 'database', 'usage'),
    onlyUses('capture', 'auth', 'common', 'config', 'database', 'secrets'),
    onlyUses(
      'webhooks',
      'auth',
      'common',
      'config',
      'database',
      'docs',
      'jobs',
      'limits',
      'media',
      'providers',
      'secrets',
    ),
    onlyUses(
      'imports',
      'audit-log',
      'capabilities',
      'channels',
      'common',
      'database',
      'keys',
      'pricing',
      'providers',
      'quota',
      'redemption',
      'secrets',
    ),
    forbid(
      'only-commands-import',
      'Nothing the hub does for its callers needs the databases of others.',
      '^src/(?!imports/|cli/)',
      src('imports'),
    ),
    onlyUses('callbacks', 'channels', 'common', 'jobs', 'limits', 'providers'),
  ],
  options: {
    parser: 'swc',
    // swc shows `import type` as well. (`tsPreCompilationDeps` would only add a warning that tsc is missing.)
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      conditionNames: ['import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROJECT_ROOT } from './project-files.js';

interface Step {
  readonly instruction: string;
  readonly text: string;
}
interface Stage {
  readonly image: string;
  readonly name: string;
  readonly steps: readonly Step[];
}

const compose = read('docker-compose.yml');
const dockerfile = read('Dockerfile');
let composeProblems: (compose: unknown) => string[];
let requiredVariables: (text: string) => string[];
let parseDockerfile: (text: string) => Stage[];
let dockerfileProblems: (stages: readonly Stage[]) => string[];
let contextFilter: (text: string) => (path: string) => boolean;

beforeAll(async () => {
  ({ composeProblems, requiredVariables } = await import(join(PROJECT_ROOT, 'scripts/deploy/compose-rules.mjs')));
  ({ parseDockerfile, dockerfileProblems } = await import(join(PROJECT_ROOT, 'scripts/deploy/dockerfile.mjs')));
  ({ contextFilter } = await import(join(PROJECT_ROOT, 'scripts/deploy/build-context.mjs')));
});

describe('docker-compose.yml', () => {
  it('keeps to the rules', () => {
    expect(composeProblems(parse(compose, { merge: true }))).toEqual([]);
  });

  it('takes every secret from .env', () => {
    expect(requiredVariables(compose)).toEqual([
      'HUB_ADMIN_PASSWORD',
      'HUB_MASTER_KEY',
      'POSTGRES_PASSWORD',
      'REDIS_PASSWORD',
    ]);
  });

  it.each<[problem: string, from: string | RegExp, to: string]>([
    ['hub: does not wait for redis', 'redis: { condition: service_healthy }', 'redis: { condition: service_started }'],
    ['hub: does not wait for postgres', 'postgres: { condition: service_healthy }', ''],
    ['hub: its root file system is writable', 'read_only: true', 'read_only: false'],
    ['hub: keeps capabilities', 'cap_drop: [ALL]', ''],
    ['hub: runs as root', 'user: "1000:1000"', 'user: "0:0"'],
    ['hub: has no tmpfs on /tmp', '- /tmp:size=1g,mode=1777', '- /run'],
    ['hub: stop_grace_period', 'stop_grace_period: 45s', 'stop_grace_period: 30s'],
    ['hub: HUB_MASTER_KEY is not required', /HUB_MASTER_KEY: \$.*/, 'HUB_MASTER_KEY: $HUB_MASTER_KEY'],
    ['hub: HUB_ADMIN_PASSWORD holds a literal', /HUB_ADMIN_PASSWORD: \$.*/, 'HUB_ADMIN_PASSWORD: admin'],
    ['hub: DATABASE_URL holds a literal', /hub:\$\{POSTGRES_PASSWORD[^}]*\}@/, 'hub:hub@'],
    ['hub: REDIS_URL holds a literal', /:\$\{REDIS_PASSWORD[^}]*\}@/, ':$REDIS_PASSWORD@'],
    ['postgres: POSTGRES_PASSWORD holds a literal', /POSTGRES_PASSWORD: \$.*/, 'POSTGRES_PASSWORD: postgres'],
    ['redis: --requirepass holds a literal', /- --requirepass\n\s+- .*/, '- --requirepass\n      - secret'],
    ['redis: image redis:latest has no version', 'image: redis:7', 'image: redis:latest'],
    ['postgres: image postgres has no version', 'image: postgres:17', 'image: postgres'],
    ['redis: has no healthcheck', /healthcheck:\n\s+test: \["CMD-SHELL".*/, 'healthcheck:'],
    ['hub: port 3000:3000 is open', '"127.0.0.1:3000:3000"', '"3000:3000"'],
    ['postgres: is on backend', 'internal: true', 'internal: false'],
    ['hub: volume hub-data is not declared', /^ {2}hub-data:$/m, ''],
    ['hub: may gain new privileges', 'security_opt: ["no-new-privileges:true"]', ''],
  ])('would be refused with "%s"', (problem, from, to) => {
    const broken = compose.replace(from, () => to);
    expect(broken).not.toBe(compose);
    expect(composeProblems(parse(broken, { merge: true })).join('\n')).toContain(problem);
  });
});

describe('Dockerfile', () => {
  it('keeps to the rules', () => {
    expect(dockerfileProblems(parseDockerfile(dockerfile))).toEqual([]);
  });

  it.each<[problem: string, from: string | RegExp, to: string]>([
    ['names no version', /node:26-bookworm-slim AS runtime/, 'node:latest AS runtime'],
    ['USER is root', /^USER .*$/m, ''],
    ['USER is node', /^USER .*$/m, 'USER node'],
    ['needs one HEALTHCHECK', /^HEALTHCHECK[^\n]*\\\n.*$/m, ''],
    ['CMD must be a JSON array', /^CMD .*$/m, 'CMD node dist/src/main.js'],
    ['ENV NODE_ENV=production is missing', 'NODE_ENV=production', 'NODE_ENV=development'],
    ['needs one STOPSIGNAL', 'STOPSIGNAL SIGTERM', ''],
  ])('would be refused because it "%s"', (problem, from, to) => {
    const broken = dockerfile.replace(from, () => to);
    expect(broken).not.toBe(dockerfile);
    expect(dockerfileProblems(parseDockerfile(broken)).join('\n')).toContain(problem);
  });

  // docs/deploy.md promises that the health check of the image and of the compose file ask the same.
  it('asks for health where the compose file does', () => {
    const probes = [dockerfile, compose].map((text) => /\/api\/health\/\w+/.exec(text)?.[0]);
    expect(probes).toEqual(['/api/health/live', '/api/health/live']);
  });
});

describe('.dockerignore', () => {
  it.each([
    ['package.json', true],
    ['.npmrc', true],
    ['src/config/settings.ts', true],
    ['src/config/parse-settings.spec.ts', false],
    ['.env', false],
    ['.git/config', false],
    ['data/master.key', false],
    ['node_modules/yaml/package.json', false],
    ['test/support/postgres.ts', false],
  ])('%s reaches the image build: %s', (path, isKept) => {
    expect(contextFilter(read('.dockerignore'))(path)).toBe(isKept);
  });
});

function read(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8');
}

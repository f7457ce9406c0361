import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-files.js';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly purl: string;
  readonly licenses?: readonly unknown[];
}
interface Bill {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string } };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}
type Lock = readonly [path: string, entry: { version: string; dev?: boolean; optional?: boolean }][];
interface AuditException {
  readonly advisory: string;
  readonly until: string;
  readonly why: string;
}
interface Policy {
  readonly productionPackagesMax: number;
  readonly licences: readonly string[];
  readonly browserPackages: readonly string[];
  readonly installScripts: Readonly<Record<string, string>>;
  readonly auditExceptions: readonly AuditException[];
}

let bill: {
  wholeBill(root: string): Bill;
  shippedBill(bill: Bill, root: string, browserPackages: readonly string[]): Bill;
  idOfComponent(component: Component): string;
};
let judge: {
  inventoryProblems(components: readonly Component[], lock: Lock, installed: ReadonlyMap<string, string>): string[];
  licenceProblems(components: readonly Partial<Component>[], allowed: readonly string[]): string[];
  installScriptProblems(lock: Lock, known: Readonly<Record<string, string>>): string[];
};
let judgeAudit: (report: object, exceptions: readonly AuditException[], today: string) => object;
let project: {
  policy: Policy;
  lockEntries(root: string): Lock;
  installedPackages(root: string): Map<string, string>;
};
let whole: Bill;
let lock: Lock;

beforeAll(async () => {
  const supply = join(PROJECT_ROOT, 'scripts', 'supply');
  bill = await import(join(supply, 'bill.mjs'));
  judge = await import(join(supply, 'judge.mjs'));
  project = await import(join(supply, 'read-project.mjs'));
  ({ judgeAudit } = await import(join(supply, 'judge-audit.mjs')));
  whole = bill.wholeBill(PROJECT_ROOT);
  lock = project.lockEntries(PROJECT_ROOT);
});

// T164
describe('the bill of materials', () => {
  it('names what the lock file names, and that is what is installed', () => {
    expect(lock.length).toBeGreaterThan(100);
    const installed = project.installedPackages(PROJECT_ROOT);
    expect(installed.size).toBeGreaterThan(100);
    expect(judge.inventoryProblems(whole.components, lock, installed)).toEqual([]);
  });

  it('of what is shipped has every production package, what browsers get, and no tool of ours', () => {
    const shipped = bill.shippedBill(whole, PROJECT_ROOT, project.policy.browserPackages);
    expect(shipped).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'ug-ai-hub' } } });
    const names = new Set(shipped.components.map(({ name }) => name));
    const { dependencies = {} } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
    expect(Object.keys(dependencies).filter((name) => !names.has(name))).toEqual([]);
    const production = lock.filter(([, entry]) => !entry.dev).map(([, entry]) => entry.version);
    expect(shipped.components.length).toBeGreaterThanOrEqual(new Set(production).size);
    expect(project.policy.browserPackages.filter((name) => !names.has(name))).toEqual([]);
    expect(['jest', 'typescript-7', '@biomejs/biome'].filter((name) => names.has(name))).toEqual([]);
    const refs = new Set(shipped.components.map((component) => component['bom-ref']));
    const targets = shipped.dependencies.flatMap(({ dependsOn = [] }) => dependsOn);
    expect(targets.filter((ref) => !refs.has(ref))).toEqual([]);
  });

  it('knows every package whose files are copied for browsers', () => {
    const copied = readFileSync(join(PROJECT_ROOT, 'scripts', 'copy-assets.mjs'), 'utf8');
    const names = [...copied.matchAll(/require\.resolve\('(.+)\/package\.json'\)/g)].map(([, name]) => name);
    expect(names.toSorted()).toEqual(project.policy.browserPackages.toSorted());
  });

  it('would be refused when a package is missing, surplus, of another version or not installed', () => {
    const [one, two] = [component('one', '1.0.0'), component('two', '2.0.0')];
    const entries: Lock = [
      ['node_modules/one', { version: '1.0.0' }],
      ['node_modules/two', { version: '2.0.0' }],
      ['node_modules/elsewhere', { version: '1.0.0', optional: true }],
    ];
    const elsewhere = component('elsewhere', '1.0.0');
    const installed = new Map([
      ['node_modules/one', 'one@1.0.0'],
      ['node_modules/two', 'two@2.0.0'],
    ]);
    const problems = judge.inventoryProblems;
    expect(problems([one, two, elsewhere], entries, installed)).toEqual([]);
    expect(problems([one, elsewhere], entries, installed)).toEqual([
      'two@2.0.0 is in package-lock.json and not in the bill',
    ]);
    expect(problems([one, two, elsewhere, component('three', '3.0.0')], entries, installed)).toEqual([
      'three@3.0.0 is in the bill and not in package-lock.json',
    ]);
    const changed = new Map([...installed, ['node_modules/two', 'two@2.0.1']]);
    expect(problems([one, two, elsewhere], entries, changed)).toEqual([
      'node_modules/two is two@2.0.1, and two@2.0.0 in package-lock.json',
    ]);
    installed.delete('node_modules/two');
    expect(problems([one, two, elsewhere], entries, installed)).toEqual([
      'node_modules/two is in package-lock.json and not installed',
    ]);
  });

  it('stays within the stated number of production packages', () => {
    expect(lock.filter(([, entry]) => !entry.dev).length).toBeLessThanOrEqual(project.policy.productionPackagesMax);
  });
});

describe('the licences', () => {
  it('of what is shipped are all allowed', () => {
    const { components } = bill.shippedBill(whole, PROJECT_ROOT, project.policy.browserPackages);
    expect(judge.licenceProblems(components, project.policy.licences)).toEqual([]);
  });

  it.each<[licences: readonly unknown[], isAllowed: boolean]>([
    [[{ license: { id: 'MIT' } }], true],
    [[{ expression: '(MIT OR GPL-3.0-only)' }], true],
    [[{ expression: '(MIT AND GPL-3.0-only)' }], false],
    [[{ license: { id: 'GPL-3.0-only' } }], false],
    [[{ license: { name: 'SEE LICENSE IN LICENSE.md' } }], false],
    [[], false],
  ])('%j is allowed: %s', (licenses, isAllowed) => {
    const found = judge.licenceProblems([{ ...component('some', '1.0.0'), licenses }], ['MIT']);
    expect(found.length === 0).toBe(isAllowed);
  });
});

// T160
describe('install scripts', () => {
  it('are those of packages that are known to do without', () => {
    expect(judge.installScriptProblems(lock, project.policy.installScripts)).toEqual([]);
    expect(judge.installScriptProblems(lock, {})).toHaveLength(Object.keys(project.policy.installScripts).length);
    expect(judge.installScriptProblems([], { gone: 'reason' })).toEqual(['gone has no install script any more']);
  });

  it.each(['.ci/run', 'Dockerfile'])('never run where %s installs', (path) => {
    const lines = readFileSync(join(PROJECT_ROOT, path), 'utf8').split('\n');
    const installs = lines.filter((line) => /(^|\s)npm (ci|install)\b/.test(line) && !line.trimStart().startsWith('#'));
    expect(installs.length).toBeGreaterThan(0);
    expect(installs.filter((line) => !line.includes('--ignore-scripts'))).toEqual([]);
  });
});

// T162
describe('the gate for known weaknesses', () => {
  const today = '2026-11-26';
  const advisory = 'GHSA-abcd-1234-efgh';
  const report = (severity: string) => ({
    auditReportVersion: 2,
    vulnerabilities: {
      deep: {
        via: [
          {
            source: 1,
            name: 'deep',
            title: 'Reads too much',
            url: `https://github.com/advisories/${advisory}`,
            severity,
          },
        ],
      },
      shallow: { via: ['deep'] },
    },
  });

  it.each(['high', 'critical'])('refuses one that is %s', (severity) => {
    const problem = `deep: ${severity}, Reads too much (${advisory})`;
    expect(judgeAudit(report(severity), [], today)).toEqual({ problems: [problem] });
  });

  it.each(['low', 'moderate'])('lets one pass that is %s', (severity) => {
    expect(judgeAudit(report(severity), [], today)).toEqual({ problems: [] });
  });

  it('lets an exception hold until its day, that day included, and no longer', () => {
    const exception = { advisory, until: today, why: 'not reached from the hub' };
    expect(judgeAudit(report('high'), [exception], today)).toEqual({ problems: [] });
    expect(judgeAudit(report('high'), [exception], '2026-11-27')).toEqual({
      problems: [`deep: high, Reads too much (${advisory})`, `the exception for ${advisory} ended on ${today}`],
    });
  });

  it('keeps no exception that is for nothing', () => {
    const exception = { advisory, until: today, why: 'not reached from the hub' };
    expect(judgeAudit(report('low'), [exception], today)).toEqual({
      problems: [`the exception for ${advisory} is for nothing that was found`],
    });
  });

  it('is skipped, and says so, when the registry cannot be asked', () => {
    const unreachable = { message: 'connect ECONNREFUSED', error: { summary: '', detail: '' } };
    expect(judgeAudit(unreachable, [], today)).toEqual({ skipped: 'connect ECONNREFUSED' });
  });

  it('does not take an answer that it cannot read for a good one', () => {
    expect(() => judgeAudit({}, [], today)).toThrow('npm audit answered in a form that is not known');
  });

  it('has exceptions with an advisory, a day and a reason each', () => {
    for (const exception of project.policy.auditExceptions) {
      expect(exception).toEqual({
        advisory: expect.stringMatching(/^GHSA(-\w{4}){3}$/),
        until: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        why: expect.stringMatching(/\w{3,}/),
      });
    }
  });
});

describe('npm run sbom', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-sbom-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes the bill of what is shipped', () => {
    const file = join(folder, 'sbom.cdx.json');
    execFileSync(process.execPath, [join(PROJECT_ROOT, 'scripts', 'sbom.mjs'), file]);
    const written: Bill = JSON.parse(readFileSync(file, 'utf8'));
    expect(written.bomFormat).toBe('CycloneDX');
    expect(written.components.map(({ name }) => name)).toEqual(expect.arrayContaining(['fastify', 'graphql', 'pg']));
  });

  it('sees packages inside packages, and those with a scope', () => {
    for (const path of ['outer', 'outer/node_modules/@scope/inner']) {
      mkdirSync(join(folder, 'node_modules', path), { recursive: true });
      const manifest = { name: path.replace('outer/node_modules/', ''), version: '1.0.0' };
      writeFileSync(join(folder, 'node_modules', path, 'package.json'), JSON.stringify(manifest));
    }
    expect([...project.installedPackages(folder)]).toEqual([
      ['node_modules/outer', 'outer@1.0.0'],
      ['node_modules/outer/node_modules/@scope/inner', '@scope/inner@1.0.0'],
    ]);
  });
});

function component(name: string, version: string): Component {
  return { 'bom-ref': `${name}@${version}`, name, purl: `pkg:npm/${name}@${version}` };
}

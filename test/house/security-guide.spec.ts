import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateApiKey } from '../../src/common/api-key.js';
import { findProgram } from '../support/find-program.js';
import { describeWithServer } from '../support/server-suite.js';
import { PROJECT_ROOT } from './project-files.js';

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
const guide = read('docs/security.md');
const policy = JSON.parse(read('scripts/supply/policy.json'));

describe('docs/security.md', () => {
  it('names only tests and files that exist', () => {
    const paths = [...guide.matchAll(/`((?:src|test|scripts|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(30);
    expect([...new Set(paths)].filter((path) => !existsSync(join(PROJECT_ROOT, path)))).toEqual([]);
  });

  it('names only commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const commands = [...guide.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
    expect(commands).toContain('check:secrets');
    expect([...new Set(commands)].filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('says what the policy says', () => {
    expect(guide).toContain(`a budget of ${policy.productionPackagesMax} in production`);
    for (const name of Object.keys(policy.installScripts)) expect(guide).toContain(`\`${name}\``);
    for (const licence of policy.licences) expect(guide).toContain(licence.replace(/^BSD-.*/, 'BSD'));
  });
});

const PYTHON = findProgram('python3');
describeWithServer('Python', PYTHON, 'the Python example for scanners', () => {
  it('finds a key and no example', () => {
    const example = [...guide.matchAll(/```python\n([\s\S]*?)```/g)].map(([, code = '']) => code).join('\n');
    const folder = mkdtempSync(join(tmpdir(), 'hub-scanner-'));
    const key = generateApiKey();
    writeFileSync(join(folder, 'scanner.py'), `${example}\nimport sys\nprint(api_keys_in(sys.stdin.read()))\n`);
    const input = `a=${key} b=sk_live_ThisIsNotAKeyButHasThirtyChars000000 c=${key}x`;
    const found = execFileSync(PYTHON ?? '', [join(folder, 'scanner.py')], { input, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(found).toBe(`['${key}']\n`);
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { PROJECT_ROOT, projectFiles } from './project-files.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
// Put together here, so that this file does not hold the key that it plants.
const RANDOM = 'ThisIsNotAKeyButHasThirtyChars';
const VALID = `sk_live_${RANDOM}${checksum(RANDOM)}`;
const INVALID = `sk_live_${RANDOM}000000`;

describe('the scan for committed API keys', () => {
  it('finds a key whose checksum is right', () => {
    expect(keysIn(`{"apiKey":"${VALID}"}`)).toEqual([VALID]);
  });

  // Examples in documents and tests carry wrong checksums, so that no one takes them for real keys.
  it('passes over a key whose checksum is wrong', () => {
    expect(keysIn(`HUB_API_KEY=${INVALID} and ${VALID}x`)).toEqual([]);
  });

  it('finds none in the project', () => {
    const files = projectFiles();
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((path) => keysIn(readFileSync(join(PROJECT_ROOT, path), 'latin1')).length > 0)).toEqual([]);
  });
});

// T166
describe('npm run check:secrets', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hub-secrets-'));
    git('init', '--quiet');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds a key in a file that is tracked, says where, and does not repeat it', () => {
    commit('settings.yaml', `region: eu\nkey: ${VALID}\n`);
    const { status, output } = scan();
    expect(status).toBe(1);
    expect(output).toContain('settings.yaml:2: sk_live_…');
    expect(output).not.toContain(VALID);
  });

  it.each(['hub_pat_', 'hub_ses_'])('finds a token of staff that begins with %s', (prefix) => {
    commit('deploy.sh', `curl -H "Authorization: Bearer ${prefix}${randomBytes(32).toString('base64url')}"\n`);
    expect(scan()).toMatchObject({ status: 1, output: expect.stringContaining(`deploy.sh:1: ${prefix}…`) });
  });

  it('passes over a token that nobody can have been given, and words that only begin like one', () => {
    commit('guide.md', `hub_pat_${'A'.repeat(42)}B hub_pat_${'A'.repeat(40)} hub_pat_${'A'.repeat(44)} hub_pat_...\n`);
    expect(scan()).toMatchObject({ status: 0 });
  });

  it('passes over one whose checksum is wrong', () => {
    commit('settings.yaml', `key: ${INVALID}\n`);
    expect(scan('--history')).toMatchObject({ status: 0, output: expect.stringContaining('0 credentials') });
  });

  it.each<[where: string, plant: () => void]>([
    ['a file that was changed since', () => commit('settings.yaml', `key: ${VALID}\n`)],
    ['the message of a commit', () => commit('other.txt', 'nothing\n', `Use ${VALID}`)],
  ])('finds a key in %s when it is asked for the history', (_where, plant) => {
    plant();
    commit('settings.yaml', 'key: from the environment\n');
    expect(scan()).toMatchObject({ status: 0 });
    expect(scan('--history')).toMatchObject({ status: 1, output: expect.stringContaining(', 1 credentials') });
  });

  it('finds a key on a branch that is not checked out', () => {
    commit('readme.md', 'nothing\n');
    git('checkout', '--quiet', '-b', 'other');
    commit('settings.yaml', `key: ${VALID}\n`);
    git('checkout', '--quiet', '-');
    expect(scan()).toMatchObject({ status: 0 });
    expect(scan('--history')).toMatchObject({ status: 1, output: expect.stringContaining('settings.yaml:1: ') });
  });

  it('does not take a folder for clean that it cannot read', () => {
    expect(scan(join(folder, 'missing'))).not.toMatchObject({ status: 0 });
  });

  it('is what docs/security.md tells the scanners of others', () => {
    const guide = readFileSync(join(PROJECT_ROOT, 'docs', 'security.md'), 'utf8');
    const forms = [...guide.matchAll(/^((?:sk_live_|hub_)\S+)$/gm)].map(([, form = '']) => new RegExp(form));
    const token = `hub_pat_${randomBytes(32).toString('base64url')}`;
    expect(forms.map((form) => form.exec(`x=${VALID};y=${token};`)?.[0])).toEqual([VALID, token]);
    const example = /`(sk_live_\w{36})`/.exec(guide)?.[1] ?? '';
    expect(guide).toContain(`\`${checksum(example.slice(8, 38))}\``);
    expect(keysIn(example)).toEqual([]);
  });

  function git(...args: string[]): void {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@hub.test', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
  }

  function commit(path: string, text: string, message = 'change'): void {
    writeFileSync(join(folder, path), text);
    git('add', path);
    git('commit', '--quiet', '-m', message);
  }

  function scan(...args: string[]): { status: number | null; output: string } {
    const target = args[0]?.startsWith('/') ? [] : [folder];
    const script = join(PROJECT_ROOT, 'scripts', 'check-secrets.mjs');
    const run = spawnSync(process.execPath, [script, ...target, ...args], { encoding: 'utf8' });
    return { status: run.status, output: run.stdout + run.stderr };
  }
});

/** Every well-formed API key in the text. Written apart from the product's own check, so that one cannot blind the other. */
function keysIn(text: string): string[] {
  const candidates = text.match(/sk_live_[0-9A-Za-z]{36}(?![0-9A-Za-z])/g) ?? [];
  return candidates.filter((key) => checksum(key.slice(8, 38)) === key.slice(38));
}

/** CRC-32 of the random part in base 62, padded to six. */
function checksum(random: string): string {
  let rest = BigInt(crc32(random));
  let text = '';
  for (let i = 0; i < 6; i++) {
    text = ALPHABET[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}

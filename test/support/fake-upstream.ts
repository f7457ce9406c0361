import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import type { ScriptFunction } from '../../src/sandbox/faults/fault-desk.js';
import type { RecordedRequest } from '../../src/sandbox/faults/recorded-request.js';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox-server.js';

/** The sandbox with its fault switches on; see `src/sandbox/faults/directive.ts` for what it can be told. */
export interface FakeUpstream {
  readonly port: number;
  /** Base URL with `/v1`. */
  readonly url: string;
  /** What arrived, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** How many requests a model would have begun to work on. */
  readonly executions: number;
  script(rule: Directive | ScriptFunction | undefined): void;
  scriptKey(token: string, rule: Directive | ScriptFunction | undefined): void;
  reset(): void;
  close(): Promise<void>;
}

/** Starts a fake upstream: no token delay, every model name accepted, unless the options say otherwise. */
export async function startFakeUpstream(options: SandboxOptions = {}): Promise<FakeUpstream> {
  const server = await startSandbox({ tokenDelayMs: 0, acceptsAnyModel: true, ...options, faults: true });
  const desk = server.faults!;
  return {
    port: server.port,
    url: server.url,
    get requests() {
      return desk.requests;
    },
    get executions() {
      return desk.executions;
    },
    script: (rule) => desk.script(rule),
    scriptKey: (token, rule) => desk.scriptKey(token, rule),
    reset: () => desk.reset(),
    close: () => server.close(),
  };
}

/** The text of a user message that carries a fault command. */
export function fakeCommand(directive: Directive): string {
  return `FAKE:${JSON.stringify(directive)}`;
}

/** A key with its certificate, both PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** How a test certificate is made. */
export interface CertificateOptions {
  /** Names it is valid for; default `IP:127.0.0.1` and `DNS:localhost`. */
  readonly altNames?: readonly string[];
  /** It ended yesterday. */
  readonly isExpired?: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Makes a self-signed certificate with the `openssl` binary; trusted only by who is given `cert` as its authority. */
export async function makeCertificate(options: CertificateOptions = {}): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'fake-upstream-'));
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd: folder });
  const start = options.isExpired === true ? -3 : -1;
  const end = options.isExpired === true ? -1 : 30;
  try {
    await writeFile(join(folder, 'ca.conf'), certificateConfig(options.altNames ?? ['IP:127.0.0.1', 'DNS:localhost']));
    await writeFile(join(folder, 'index.txt'), '');
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem'];
    await openssl('req', '-new', ...newKey, '-subj', '/CN=fake-upstream', '-out', 'request.pem', '-config', 'ca.conf');
    // `req -x509` cannot date a certificate back before OpenSSL 3.4; `ca` always could.
    const dates = ['-startdate', toDate(start), '-enddate', toDate(end)];
    const files = ['-keyfile', 'key.pem', '-in', 'request.pem', '-out', 'cert.pem', '-notext'];
    await openssl('ca', '-selfsign', '-batch', '-config', 'ca.conf', '-create_serial', ...dates, ...files);
    const read = (name: string) => readFile(join(folder, name), 'utf8');
    return { key: await read('key.pem'), cert: await read('cert.pem') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A time so many days from now, as `openssl ca` reads it: `20261231235959Z`. */
function toDate(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().replace(/[-:T]|\.\d+/g, '');
}

function certificateConfig(altNames: readonly string[]): string {
  return `
[req]
distinguished_name = name
[name]
[ca]
default_ca = fake
[fake]
database = index.txt
serial = serial.txt
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
subjectAltName = ${altNames.join(',')}
`;
}

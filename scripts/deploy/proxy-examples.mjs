import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DEPLOY_PAGE = join(import.meta.dirname, '..', '..', 'docs', 'deploy.md');

/** The example of the given language (`nginx`, `caddy`) in docs/deploy.md. */
export function exampleOf(language) {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(readFileSync(DEPLOY_PAGE, 'utf8'));
  if (!fence) throw new Error(`docs/deploy.md has no ${language} example`);
  return fence[1];
}

/**
 * Writes the nginx example so that it runs here: own folder for certificate, log and pid, and loopback ports in place of
 * 80, 443 and 3000. Everything else is what the page shows.
 *
 * @param {string} folder an empty folder of the caller
 * @param {{ http: number, https: number, hubs: number[] }} ports `hubs` are the instances
 * @returns {string} path of the configuration file
 */
export function writeNginxExample(folder, ports) {
  makeCertificate(folder);
  const changes = [
    [/^\s*listen \[::\].*\n/gm, ''],
    ['listen 80;', `listen 127.0.0.1:${ports.http};`],
    ['listen 443 ssl http2;', `listen 127.0.0.1:${ports.https} ssl http2;`],
    [
      'server 127.0.0.1:3000 max_fails=0;',
      ports.hubs.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join('\n'),
    ],
    ['/etc/nginx/tls/hub.example.com.pem', join(folder, 'tls.pem')],
    ['/etc/nginx/tls/hub.example.com.key', join(folder, 'tls.key')],
    ['/var/log/nginx/hub.log', join(folder, 'access.log')],
    // nginx would warn that it cannot raise the limit when it is not root.
    [/^worker_rlimit_nofile.*\n/m, ''],
    ['worker_connections 16384', 'worker_connections 512'],
    ['worker_processes auto', 'worker_processes 1'],
  ];
  let text = exampleOf('nginx');
  for (const [from, to] of changes) {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`docs/deploy.md: the nginx example no longer has ${from}; adapt this script`);
    text = changed;
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${join(folder, kind)};`)
    .join('\n');
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `pid ${join(folder, 'nginx.pid')};\nerror_log stderr;\n${text.replace('http {', `http {\n${temporary}`)}`,
  );
  return file;
}

/** `nginx -t` on the example; undefined when nginx is not installed. */
export function nginxProblems() {
  if (!isInstalled('nginx', ['-v'])) return undefined;
  return inFolder((folder) => {
    const file = writeNginxExample(folder, { http: 8080, https: 8443, hubs: [3001, 3002] });
    return complaint('nginx', ['-t', '-q', '-c', file, '-p', folder], 'docs/deploy.md, nginx example');
  });
}

/** `caddy validate` on the example; undefined when Caddy is not installed. */
export function caddyProblems() {
  if (!isInstalled('caddy', ['version'])) return undefined;
  return inFolder((folder) => {
    const file = join(folder, 'Caddyfile');
    writeFileSync(file, exampleOf('caddy'));
    return complaint(
      'caddy',
      ['validate', '--adapter', 'caddyfile', '--config', file],
      'docs/deploy.md, Caddy example',
      {
        HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
      },
    );
  });
}

/** True when the program can be started. */
export function isInstalled(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function makeCertificate(folder) {
  const made = spawnSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      .concat(['-subj', '/CN=hub.example.com', '-addext', 'subjectAltName=DNS:hub.example.com'])
      .concat(['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.pem')]),
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr ?? made.error}`);
}

function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'hub-deploy-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function complaint(program, args, subject, env = {}) {
  const run = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  return run.status === 0 ? [] : [`${subject}: ${program} refuses it:\n${run.stderr}${run.stdout}`];
}

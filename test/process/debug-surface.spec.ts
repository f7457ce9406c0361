import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { type HubProcess, startHubProcess } from '../support/hub-process.js';
import { until } from '../support/until.js';

/** What tools, frameworks and careless deployments leave open, with ways around a filter for some. */
const NOTHING_THERE = [
  '/metrics /api/metrics /health/metrics /stats /server-status /server-info /status.json',
  '/debug /debug/vars /debug/pprof/ /debug/pprof/heap /_debug /api/debug /trace /console /actuator /actuator/env',
  '/actuator/heapdump /heapdump /heapsnapshot /heap.heapsnapshot /profile /cpuprofile /json /json/list /json/version',
  '/.env /.env.local /.env.production /.env.example /.npmrc /.git /.git/HEAD /.git/config /.gitignore /.ci/run',
  '/.ssh/id_rsa /package.json /package-lock.json /sbom.cdx.json /Dockerfile /docker-compose.yml /README.md',
  '/data/master.key /master.key /backup.tar.gz /dump.sql /hub.yaml /node_modules/fastify/package.json',
  '/main.js /main.js.map /dist/src/main.js /dist/src/main.js.map /src/main.ts /app.module.js.map',
  '/swagger /swagger-ui.html /swagger.json /api-docs /phpinfo.php /wp-login.php /admin.php /cgi-bin/',
  '/../.env /../../../etc/passwd /%2e%2e/%2e%2e/etc/passwd /..%2f..%2fetc%2fpasswd //etc/passwd /docs/../.env',
  '/docs/assets/../../.env /docs/assets/..%2f..%2f.env /docs/assets/%2e%2e/main.js /docs/assets/..%5c.env',
  '/docs/assets/../../../package.json /docs/.git/HEAD /api/../.env /api/media/../../master.key /.%00env',
].flatMap((line) => line.split(' '));

/** Words that would be in an answer to one of them, or in a stack trace. */
const TELLTALE =
  /DATABASE_URL|HUB_MASTER_KEY|lockfileVersion|\[core\]|ref: refs|root:x:|sourceMappingURL|"dependencies"|webSocketDebuggerUrl|# HELP|\.[jt]s:\d+|node_modules/;

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHubProcess({ env: { HUB_ADMIN: 'on', NODE_ENV: 'production', HUB_PUBLIC_RPM: '100000' } });
});
afterAll(() => hub?.stop());

// T159
describe('a hub in production', () => {
  it.each(['GET', 'HEAD', 'POST', 'TRACE'])('has nothing to debug or steal for %s', async (method) => {
    const answers = await Promise.all(NOTHING_THERE.map(async (path) => ({ path, ...(await ask(method, path)) })));
    expect(answers.filter(({ status }) => ![400, 401, 404, 405].includes(status))).toEqual([]);
    expect(answers.filter(({ body }) => TELLTALE.test(body))).toEqual([]);
  });

  it('serves pages whose every part is meant for the public, without source maps', async () => {
    const page = await ask('GET', '/docs');
    expect(page.status).toBe(200);
    const links = [...page.body.matchAll(/<(?:link|script)[^>]* (?:src|href)="(?!data:)([^"]+)"/g)];
    const assets = links.map(([, link = '']) => new URL(link, `${hub.url}/docs`).pathname);
    expect(assets.length).toBeGreaterThan(0);
    for (const path of assets) {
      expect((await ask('GET', path)).body).not.toContain('sourceMappingURL');
      expect((await ask('GET', `${path}.map`)).status).toBe(404);
    }
  });

  it('says nothing of its inside when a request is broken', async () => {
    for (const path of ['/%', '/%ff', `/${'a'.repeat(5000)}`, '/api/video/status?id[]=1', '/api/user/usage?from=x']) {
      const { status, body } = await ask('GET', path);
      expect(status).toBeLessThan(500);
      expect(body).not.toMatch(TELLTALE);
    }
  });

  it('listens on its port and no other, also when Node is asked for its inspector', async () => {
    expect(listeningPorts(hub.pid)).toEqual([hub.port]);
    process.kill(hub.pid, 'SIGUSR1');
    await until(() => hub.stdout().includes('SIGUSR1 is ignored'));
    expect(listeningPorts(hub.pid)).toEqual([hub.port]);
    expect(hub.stderr()).not.toContain('Debugger');
    expect((await ask('GET', '/api/health')).status).toBe(200);
  });
});

/** Sends the path exactly as it is written, which `fetch` would not. */
function ask(method: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: hub.port, host: '127.0.0.1', method, path }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** The TCP ports on which a process listens. Linux only. */
function listeningPorts(pid: number): number[] {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`)));
  const rows = ['tcp', 'tcp6'].flatMap((name) => readFileSync(`/proc/${pid}/net/${name}`, 'utf8').split('\n').slice(1));
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && own.has(`socket:[${inode}]`))
    .map(([, local = '']) => Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed since the folder was listed.
    return '';
  }
}

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Alerts } from '../../src/alerts/alerts.service.js';
import { BootstrapService } from '../../src/bootstrap/bootstrap.service.js';
import { ConfigReload } from '../../src/bootstrap/config-reload.js';
import { type BootstrapPlan, planBootstrap } from '../../src/bootstrap/plan-bootstrap.js';
import { VENDORS } from '../../src/providers/vendors.js';
import { RedisService } from '../../src/redis/redis.service.js';
import { ModelCatalog } from '../../src/routing/model-catalog.js';
import { startHub, type TestHub } from '../support/hub.js';

const BROKEN = 'channels:\n  - id: main\n    prioritty: 1\n';

let hub: TestHub;
let folder: string;
let path: string;
let reload: ConfigReload;

beforeAll(async () => {
  hub = await startHub({ channels: [] });
  folder = mkdtempSync(join(tmpdir(), 'hub-reload-'));
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

/** A file with one channel of these models. */
const configOf = (...models: string[]) =>
  `channels: [{ id: main, provider: openai, apiKey: k, models: { ${models.map((model) => `${model}: `).join(', ')} } }]`;

const write = (text: string): void => writeFileSync(path, text);
const channels = () => hub.sql.query('select name, provider from channel where enabled order by name');
const models = () => [...hub.app.get(ModelCatalog).table.models.keys()];
const errors = () => hub.logs.filter(({ level, context }) => level === 50 && context === 'HubConfig');
const alerts = () => hub.sql.query<{ message: string }>(`select message from alert where kind = 'config_refused'`);

/** Looks, and waits until the hub routes by what that did. */
async function look(): Promise<void> {
  await reload.look();
  await hub.app.get(ModelCatalog).catchUp();
}

let planned = 0;
/** A reload of a hub that has started with this text. */
async function startWith(text: string, change: Partial<{ fail: () => Error | undefined }> = {}): Promise<void> {
  write(text);
  const settings = { ...hub.settings, configFile: path };
  const plan = (configText: string): Promise<BootstrapPlan> => {
    planned++;
    const failure = change.fail?.();
    if (failure !== undefined) return Promise.reject(failure);
    const env = { OLD: 'value-of-the-process' };
    return planBootstrap(hub.sql, { settings, env, providers: VENDORS, configText, canRunSandbox: false });
  };
  const bootstrap = hub.app.get(BootstrapService);
  const started = await plan(text);
  await bootstrap.apply(started);
  planned = 0;
  const { declarations } = started;
  const parts = {
    path,
    text,
    declarations,
    plan,
    bootstrap,
    redis: hub.app.get(RedisService),
    alerts: hub.app.get(Alerts),
  };
  reload = new ConfigReload(parts);
  await look();
}

let files = 0;
beforeEach(async () => {
  path = join(folder, `hub-${++files}.yaml`);
  await hub.sql.query('delete from alert');
});

describe('a changed HUB_CONFIG', () => {
  it('is what the hub routes by', async () => {
    await startWith(configOf('a'));
    expect(models()).toEqual(['a']);
    write(configOf('a', 'b'));
    await look();
    expect(models()).toEqual(['a', 'b']);
    write('channels: []');
    await look();
    await look();
    expect({ models: models(), channels: await channels() }).toEqual({ models: [], channels: [] });
  });

  it('is noticed where another file is put in its place', async () => {
    await startWith(configOf('a'));
    writeFileSync(`${path}.new`, configOf('b'));
    renameSync(`${path}.new`, path);
    await look();
    await look();
    expect(models()).toEqual(['b']);
  });

  it('is seen twice before it takes away most of what there is: it may be half of a file', async () => {
    await startWith(configOf('a', 'b', 'c'));
    write(configOf('a'));
    await look();
    expect(models()).toEqual(['a', 'b', 'c']);
    // The rest of the file comes.
    write(configOf('a', 'b', 'c', 'd'));
    await look();
    expect(models()).toEqual(['a', 'b', 'c', 'd']);
    write(configOf('a'));
    await look();
    write(configOf('b'));
    await look();
    expect(models()).toHaveLength(4);
    await look();
    expect(models()).toEqual(['b']);
  });

  it('takes away whatever it wants at once when it is asked for', async () => {
    await startWith(configOf('a', 'b', 'c'));
    write('channels: []');
    reload.reload();
    await look();
    expect(models()).toEqual([]);
  });

  it('is not applied again while it stays the same, written anew or not', async () => {
    await startWith(configOf('a'));
    await look();
    write(configOf('a'));
    await look();
    expect(planned).toBe(0);
  });

  it('changes nothing where only its words differ', async () => {
    await startWith(configOf('a'));
    const version = hub.app.get(ModelCatalog).table.version;
    write(`# a comment\n${configOf('a')}`);
    await look();
    expect(planned).toBe(1);
    expect(hub.app.get(ModelCatalog).table.version).toBe(version);
  });

  it('keeps the values that variables had when the process began', async () => {
    await startWith(configOf('a'));
    write(configOf('a').replace('apiKey: k', `apiKey: "\${OLD}"`));
    await look();
    expect(hub.app.get(ModelCatalog).table.candidatesOf('a')[0]?.channel.credential).toBe('value-of-the-process');
  });
});

describe('a HUB_CONFIG that cannot be used', () => {
  it('leaves all as it is, and is logged once with the line of each problem', async () => {
    await startWith(configOf('a'));
    const before = errors().length;
    write(BROKEN);
    await look();
    await look();
    write(`${BROKEN}\n`);
    await look();
    expect(models()).toEqual(['a']);
    const lines = errors().slice(before);
    expect(lines.map(({ msg }) => String(msg).split(';')[0])).toEqual([
      expect.stringMatching(/^hub-\d+\.yaml:2: channels\[0\] needs `provider`$/),
      expect.stringMatching(/^hub-\d+\.yaml:2: channels\[0\] needs `models`$/),
      expect.stringMatching(/^hub-\d+\.yaml:3: unknown key `prioritty` in channels\[0\]$/),
      'HUB_CONFIG cannot be used',
    ]);
  });

  it('is one alert, which names the first problem', async () => {
    await startWith(configOf('a'));
    write(BROKEN);
    await look();
    write(`${BROKEN}\n`);
    await look();
    expect(await alerts()).toEqual([{ message: expect.stringContaining('yaml:2: channels[0] needs `provider`') }]);
  });

  it('is forgotten when it can be used again, whatever it says then', async () => {
    await startWith(configOf('a'));
    for (const text of [BROKEN, configOf('a'), BROKEN, configOf('a', 'c')]) {
      write(text);
      await look();
    }
    expect(models()).toEqual(['a', 'c']);
  });

  it('may be one that is gone, or has a name that an operator uses', async () => {
    await startWith(configOf('a'));
    const before = errors().length;
    rmSync(path);
    await look();
    // An editor may have taken it away for a moment.
    expect(errors()).toHaveLength(before);
    await look();
    await look();
    expect(errors().slice(before)).toHaveLength(2);
    expect(models()).toEqual(['a']);
    await hub.sql.query(`insert into channel (name, provider) values ('own', 'groq')`);
    write(configOf('a').replace('main', 'own'));
    await look();
    await look();
    expect(errors().at(-2)?.['msg']).toContain('The channel "own" is declared in the configuration');
    expect(models()).toEqual(['a']);
    await hub.sql.query(`delete from channel where name = 'own'`);
  });

  it.each([
    ['nothing at all', ''],
    ['nothing but white space and comments', '# written later\n\n'],
  ])('may be one that says %s: a full disk leaves such files', async (_name, text) => {
    await startWith(configOf('a'));
    write(text);
    await look();
    expect(models()).toEqual(['a']);
    expect(await alerts()).toEqual([{ message: expect.stringContaining('channels: []') }]);
    write(configOf('a', 'b'));
    await look();
    expect(models()).toEqual(['a', 'b']);
  });

  it('is said again when an operator asks for it', async () => {
    await startWith(configOf('a'));
    write(BROKEN);
    await look();
    const before = errors().length;
    reload.reload();
    await look();
    expect(errors().slice(before)).toHaveLength(4);
  });
});

describe('a database that is away', () => {
  it('is no fault of the file, which is tried again', async () => {
    let failure: Error | undefined;
    await startWith(configOf('a'), { fail: () => failure });
    const before = errors().length;
    failure = new Error('the database is away');
    write(configOf('a', 'd'));
    await expect(look()).rejects.toThrow('the database is away');
    failure = undefined;
    await look();
    expect(models()).toEqual(['a', 'd']);
    expect(errors()).toHaveLength(before);
  });
});

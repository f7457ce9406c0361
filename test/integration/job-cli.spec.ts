import { randomBytes, randomUUID } from 'node:crypto';
import type { CommandContext, CommandResult } from '../../src/cli/command.js';
import { DATABASE_COMMANDS, runDatabaseCommand } from '../../src/cli/database-commands.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { Database } from '../../src/database/database.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';
import { acceptJob, endJob, makeJob } from '../support/jobs.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';

const REF = { id: 'task-1' };

describe('commands about jobs on the embedded database', () => describeCommands(openMemoryDatabase));

describeWithPostgres('commands about jobs on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  describeCommands(() => Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 4 }));
});

function describeCommands(open: () => Promise<Database>): void {
  let database: Database;
  let context: CommandContext;
  let account: string;
  let name: string;
  let channel: string;

  beforeAll(async () => {
    database = await open();
    const keyring = await Keyring.open(database.sql, randomBytes(32));
    // These commands use neither channels nor messages to other instances.
    context = { sql: database.sql, keyring, settings: parseSettings({}) } as CommandContext;
    const [row] = await database.sql.query<{ id: string }>(
      `insert into channel (name, provider, base_url) values ('main', 'sandbox', 'http://127.0.0.1:1') returning id`,
    );
    channel = row!.id;
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    name = randomUUID();
    account = (await hub('account:create', '--name', name)).stdout!.trim();
  });

  const hub = (command: string, ...args: string[]): Promise<CommandResult> =>
    runDatabaseCommand(DATABASE_COMMANDS.find((candidate) => candidate.name === command)!, context, { args });
  const made = (webhookUrl?: string) => makeJob(database.sql, account, { channelId: channel, webhookUrl });
  const listed = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await hub('job:list', '--account', account, ...args);
    return stdout!.split('\n').slice(1, -1);
  };
  const idsOf = async (...args: string[]) => (await listed(...args)).map((row) => row.split(' ')[0]);

  describe('job:list', () => {
    it('shows the newest first, with where each stands', async () => {
      const waiting = await made();
      const running = await made();
      await acceptJob(database.sql, running, REF, running);
      const failed = await made();
      await endJob(database.sql, failed, 'failed');
      await database.sql.query(`update job set created_at = now() - interval '25 hours', looks = 7 where id = $1`, [
        waiting,
      ]);
      expect((await listed()).map((row) => row.replace(/ {2,}/g, '|'))).toEqual([
        expect.stringMatching(
          `^job_${failed}\\|video\\|failed\\|${account} ${name}\\|sandbox-video\\|-\\|\\d+s\\|0\\|content_policy_violation$`,
        ),
        expect.stringMatching(
          `^job_${running}\\|video\\|accepted\\|${account} ${name}\\|sandbox-video\\|main\\|\\d+s\\|0\\|-$`,
        ),
        `job_${waiting}|video|queued|${account} ${name}|sandbox-video|-|1d|7|-`,
      ]);
    });

    it('shows what was asked for only', async () => {
      const other = (await hub('account:create', '--name', randomUUID())).stdout!.trim();
      const foreign = await makeJob(database.sql, other);
      const old = await made();
      await database.sql.query(`update job set created_at = now() - interval '25 hours' where id = $1`, [old]);
      const failed = await made();
      await endJob(database.sql, failed, 'failed');
      const young = await made();
      expect(await idsOf()).toEqual([young, failed, old].map((id) => `job_${id}`));
      expect(await idsOf('--since', '24h')).toEqual([young, failed].map((id) => `job_${id}`));
      expect(await idsOf('--since', '2d', '--limit', '1')).toEqual([`job_${young}`]);
      expect(await idsOf('--failed')).toEqual([`job_${failed}`]);
      expect(await idsOf('--state', 'queued,processing')).toEqual([young, old].map((id) => `job_${id}`));
      expect((await hub('job:list', '--account', name)).stdout).toContain(`job_${young}`);
      expect((await hub('job:list')).stdout).toContain(`job_${foreign}`);
    });

    it.each([
      [['--state', 'lost'], 2, '--state takes queued, submitting'],
      [['--state', 'failed', '--failed'], 2, 'give one of them'],
      [['--since', 'yesterday'], 2, '--since must be a time ago such as 30m'],
      [['--since', '2026-13-01'], 2, '--since must be'],
      [['--limit', '1001'], 2, '--limit must be a whole number from 1 to 1000'],
      [['--account', 'nobody'], 1, 'There is no account nobody.'],
    ])('called with %j is refused', async (args, exitCode, message) => {
      const refused = await hub('job:list', ...args);
      expect(refused).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
      expect(refused.stdout).toBeUndefined();
    });
  });

  describe('job:show', () => {
    const shown = async (id: string): Promise<string> => (await hub('job:show', id)).stdout!;

    it('tells what became of a job, from its attempts to its results and messages', async () => {
      const id = await made('https://customer.example/hook?token=secret-token');
      await acceptJob(database.sql, id, REF, id);
      await endJob(database.sql, id, 'succeeded', [
        { place: 0, storageKey: 'ab/result.mp4', upstreamUrl: null, contentType: 'video/mp4', bytes: 1234 },
        {
          place: 1,
          storageKey: null,
          upstreamUrl: 'https://cdn.example/v.mp4?signature=secret-signature',
          contentType: 'video/mp4',
          bytes: null,
        },
      ]);
      await database.sql.query(
        `update webhook_delivery set attempts = 3, next_attempt_at = null, last_status = 500, last_error = 'status 500' where job_id = $1`,
        [id],
      );
      const text = (await shown(`job_${id}`)).replace(/ {2,}/g, '|');
      expect(text).toContain(`id|job_${id}\n`);
      expect(text).toContain('state|succeeded, 100 %\n');
      expect(text).toContain('upstream task|id=task-1\n');
      expect(text).toContain('held|0 credits, hold released\n');
      expect(text).toContain('|prompt|"A cat plays with a ball"\n');
      expect(text).toContain('|0|main|sandbox|sandbox-video|sandbox-video|5s 720p|1|-|in use\n');
      expect(text).toMatch(/\|1\|main\|sandbox-video\|accepted\|20\S+ \S+\|20\S+ \S+\|-\|-\n/);
      expect(text).toContain('|0|video/mp4|1234|ab/result.mp4\n');
      expect(text).toContain('|1|video/mp4|-|https://cdn.example/v.mp4?…\n');
      expect(text).toMatch(/\|msg_[0-9a-f]{32}\|3\|20\S+ \S+\|given up\|500\|status 500\n/);
      expect(text).not.toContain('secret');
    });

    it('shows why a job failed, to the operator as well as to the caller', async () => {
      const id = await made();
      await endJob(database.sql, id, 'failed');
      await database.sql.query(`update job set error_detail = $2 where id = $1`, [
        id,
        'Error: lost\n  at here\u001b[31m',
      ]);
      const text = await shown(id);
      expect(text).toMatch(/error +content_policy_violation: The content was refused\.\n/);
      expect(text).toContain('detail for the operator\n  Error: lost\n    at here [31m\n');
      expect(text).not.toContain('attempts\n');
    });

    it('leaves pictures out, and cuts what is long', async () => {
      const id = await made();
      const request = {
        prompt: 'long '.repeat(100),
        image: { kind: 'stored', name: 'image' },
        lastFrame: { kind: 'url', url: 'https://pictures.example/a.png?key=secret-key' },
        options: { cover: `data:image/png;base64,${'A'.repeat(5_000)}` },
        count: 1,
      };
      await database.sql.query(`update job set request = $2::jsonb where id = $1`, [id, JSON.stringify(request)]);
      await database.sql.query(
        `insert into job_input (job_id, name, content_type, bytes) values ($1, 'image', 'image/png', '\\x6162636465')`,
        [id],
      );
      const text = await shown(id);
      expect(text).toMatch(/ prompt +"(long ){16}… \(500 characters\)"\n/);
      expect(text).toMatch(/ image +\{"kind":"stored","name":"image"\}\n/);
      expect(text).toContain('"https://pictures.example/a.png?…"');
      expect(text).not.toContain('secret-key');
      expect(text).toContain('… (5022 characters)');
      expect(Math.max(...text.split('\n').map((row) => row.length))).toBeLessThan(200);
    });

    it('finds a job by every form of its id, and changes nothing', async () => {
      const id = await made();
      const rows = () => database.sql.query('select * from job where id = $1', [id]);
      const before = await rows();
      const dashed = id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      for (const form of [id, dashed, `job_${id}`, `video_${id}`]) expect(await shown(form)).toContain(`job_${id}`);
      expect(await rows()).toEqual(before);
    });

    it.each([
      [[], 2, 'say which job'],
      [['job_1'], 2, 'job_ and 32 hex digits'],
      [[`job_${'0'.repeat(32)}`], 1, `There is no job job_${'0'.repeat(32)}.`],
    ])('called with %j is refused', async (args, exitCode, message) => {
      expect(await hub('job:show', ...args)).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
    });
  });
}

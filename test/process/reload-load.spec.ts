import { writeFileSync } from 'node:fs';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type HubProcess, startHubProcess } from '../support/hub-process.js';
import { until } from '../support/until.js';
import { askChat, CHAT_PATH, configOf, requestLines } from './hub-calls.js';

// A configuration that changes under load: nothing is dropped, and what comes next follows the new file.

const APPLIED_MS_MAX = 30_000;
const STREAMS = 50;
const TOKENS = 60;
/** Long enough for a stream to see several changes. */
const TOKEN_MS = 200;
const CLIENTS = 4;
const PAUSE_MS = 10;
/** What the clients have in one piece after each change. */
const ANSWERS_MIN = 20;
/** As `configOf` has it. */
const API_KEY = 'credential-of-the-upstream';

const upstreams: FakeUpstream[] = [];
beforeAll(async () => {
  upstreams.push(await startFakeUpstream(), await startFakeUpstream());
  for (const upstream of upstreams)
    upstream.script(({ body }) =>
      body.includes('"stream":true') ? { tokens: TOKENS, token_ms: TOKEN_MS } : undefined,
    );
});
afterAll(() => Promise.all(upstreams.map((upstream) => upstream.close())));

/** Clients who ask for whole answers, one after the other, until they are stopped. */
class Load {
  answers = 0;
  readonly failures: string[] = [];
  private isOver = false;
  private readonly clients: readonly Promise<void>[];

  constructor(private readonly hub: HubProcess) {
    this.clients = Array.from({ length: CLIENTS }, () => this.run());
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      const answer = await askChat(this.hub).catch((error: unknown) => String(error));
      const text = typeof answer === 'string' ? answer : `${answer.status} ${await answer.text()}`;
      if (/^200 .*"finish_reason":"stop"/s.test(text)) this.answers++;
      else this.failures.push(text);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function readStream(hub: HubProcess): Promise<string> {
  const answer = await askChat(hub, { stream: true });
  // One that breaks off is a finding of the test, not its end.
  return `${answer.status} ${await answer.text().catch(String)}`;
}

/** Writes a file, and waits until requests go where it says, with its credential, and many have been answered since. */
async function change(
  hub: HubProcess,
  load: Load,
  text: string,
  upstream: FakeUpstream,
  apiKey = API_KEY,
): Promise<void> {
  const before = upstream.requests.length;
  writeFileSync(hub.configFile ?? '', text.replace(API_KEY, apiKey));
  const hasNew = (): boolean =>
    upstream.requests.slice(before).some(({ headers }) => headers.authorization === `Bearer ${apiKey}`);
  await until(hasNew, APPLIED_MS_MAX);
  const { answers } = load;
  await until(() => load.answers > answers + ANSWERS_MIN, APPLIED_MS_MAX);
}

describe('a HUB_CONFIG that is edited under load', () => {
  it('drops nothing: each stream and each answer is complete, and new requests follow the new file', async () => {
    const [one, other] = upstreams as [FakeUpstream, FakeUpstream];
    const hub = await startHubProcess({ config: configOf(one.url) });
    const load = new Load(hub);
    const streams = Array.from({ length: STREAMS }, () => readStream(hub));
    await until(() => one.requests.filter(({ tokensSent }) => tokensSent > 0).length === STREAMS, APPLIED_MS_MAX);

    // The channel goes to another server.
    await change(hub, load, configOf(other.url), other);
    const left = one.requests.length;
    // A file that cannot be used changes nothing.
    writeFileSync(hub.configFile ?? '', configOf(one.url).replace('provider:', 'provyder:'));
    await until(() => hub.stdout().includes('HUB_CONFIG cannot be used'), APPLIED_MS_MAX);
    expect(one.requests).toHaveLength(left);
    // Another name, another credential, another model beside it: the channel of the streams is gone.
    const renamed = configOf(other.url, 'gpt-4:, more: gpt-4').replace('id: main', 'id: second');
    await change(hub, load, renamed, other, 'newer-credential');
    expect(one.requests).toHaveLength(left);
    // And back.
    await change(hub, load, configOf(one.url), one);

    await load.stop();
    expect(load.failures).toEqual([]);
    for (const text of await Promise.all(streams)) {
      expect(text.match(/"content":"[^"]/g)).toHaveLength(TOKENS);
      expect(text).toMatch(/^200 .*"finish_reason":"stop".*data: \[DONE\]\n\n$/s);
    }
    // All that was asked is in the log as done, and nothing else.
    const asked = load.answers + STREAMS;
    const chats = () => requestLines(hub).filter(({ path }) => path === CHAT_PATH);
    await until(() => chats().length >= asked);
    expect(chats().filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    expect(chats()).toHaveLength(asked);
    expect(await hub.stop()).toMatchObject({ code: 0 });
  });
});

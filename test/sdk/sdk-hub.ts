import { revokeApiKey } from '../../src/keys/api-key-store.js';
import { type SandboxServer, startSandbox } from '../../src/sandbox/sandbox-server.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { freePort } from '../support/free-port.js';
import { startHub, type TestHub } from '../support/hub.js';

/** A hub for the official clients: the sandbox as on a fresh machine, and beside it an upstream that can be told to fail. */
export interface SdkHub {
  readonly hub: TestHub;
  /** Serves {@link FAKE_MODEL} and `org/model-1`. */
  readonly upstream: FakeUpstream;
  /** What clients take as their base URL. */
  readonly baseUrl: string;
  /** A key that was revoked. */
  revokedKey(): Promise<string>;
  close(): Promise<void>;
}

/** The model of the upstream that can be told to fail. */
export const FAKE_MODEL = 'fake-model';
/** A model whose name has a slash, as some vendors have it. */
export const SLASH_MODEL = 'org/model-1';
/** As {@link FAKE_MODEL} on a channel of its own, which may be left resting. */
export const LIMITED_MODEL = 'limited-model';
/** A model whose upstream is not there. */
export const DEAD_MODEL = 'dead-model';
/** A model whose upstream refuses the credential of the hub. */
export const REFUSED_MODEL = 'refused-model';
/** Makes videos, in a moment. */
export const VIDEO_MODEL = 'sandbox-video';
export const REFUSED_CREDENTIAL = 'a-credential-the-upstream-refuses';

const SANDBOX_MODELS = ['gpt-4', 'gpt-4o', 'dall-e-3', 'gpt-image-1', 'text-embedding-3-small', VIDEO_MODEL];

/** Starts it. Small limits, so that tests reach them quickly: bodies of 100 kB, upstream headers within 2 s. */
export async function startSdkHub(): Promise<SdkHub> {
  const sandbox: SandboxServer = await startSandbox({ tokenDelayMs: 0, videoWorkMs: 300 });
  const upstream = await startFakeUpstream();
  const names = (list: readonly string[]) => new Map(list.map((name) => [name, name]));
  const hub = await startHub({
    sandboxUrl: sandbox.url,
    // With a port of its own, because links to results name it.
    env: {
      PORT: String(await freePort()),
      HUB_BODY_BYTES_MAX: '100000',
      HUB_UPSTREAM_HEADERS_TIMEOUT_MS: '2000',
      HUB_JOB_STATUS_MS_MAX: '100',
    },
    channels: [
      { name: 'sandbox', provider: 'sandbox', apiKey: undefined, models: names(SANDBOX_MODELS) },
      { name: 'fake', baseUrl: upstream.url, models: names([FAKE_MODEL, SLASH_MODEL]) },
      { name: 'limited', baseUrl: upstream.url, models: names([LIMITED_MODEL]) },
      { name: 'refused', baseUrl: upstream.url, apiKey: REFUSED_CREDENTIAL, models: names([REFUSED_MODEL]) },
      // Port 1 of the loopback address: nothing listens there.
      { name: 'dead', baseUrl: 'http://127.0.0.1:1/v1', models: names([DEAD_MODEL]) },
    ],
  });
  return {
    hub,
    upstream,
    baseUrl: `${hub.url}/api/relay/v1`,
    revokedKey: async () => {
      const { id, key } = await hub.createKey();
      await revokeApiKey(hub.sql, id);
      return key;
    },
    close: async () => {
      await hub.close();
      await upstream.close();
      await sandbox.close();
    },
  };
}

/** Everything that a stream or a list gives. */
export async function collect<Item>(source: PromiseLike<AsyncIterable<Item>> | AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of await source) items.push(item);
  return items;
}

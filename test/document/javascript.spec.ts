import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type HubProcess, launch, startHubProcess } from '../support/hub-process.js';

// The JavaScript samples of the API document, word for word in `samples/`, run by Node with the least change they need.

let upstream: FakeUpstream;
let hub: HubProcess;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const channel = `{ id: main, provider: openai-compatible, baseUrl: "${upstream.url}", apiKey: upstream, allowPrivateNetwork: true, models: { gpt-4: } }`;
  const model = `{ id: gpt-4, price: { inputPerMillion: "1", outputPerMillion: "2" } }`;
  hub = await startHubProcess({ config: `channels: [${channel}]\nmodels: [${model}]` });
});
afterAll(async () => {
  await hub.stop();
  await upstream.close();
});
afterEach(() => upstream.reset());

const CHINESE = '床前明月光,疑是地上霜。举头望明月,低头思故乡。😀';
const ANSWERS = [
  { title: 'a Chinese answer', directive: { text: CHINESE.repeat(4) } },
  { title: 'many tokens', directive: { text: Array.from({ length: 50 }, (_, i) => `第${i} word`).join(' ') } },
  { title: 'characters cut by TCP', directive: { text: CHINESE, split: 7 } },
  { title: 'an answer of one token', directive: { text: '好' } },
];

describe('the EventSource sample, with a client that can send headers', () => {
  it.each(ANSWERS)('writes $title', async ({ directive }) => {
    upstream.script(directive);
    expect(await run(eventSourceProgram())).toBe(directive.text);
    expect(upstream.requests).toHaveLength(1);
  });

  it('asks for the messages of the sample, as a stream', async () => {
    await run(eventSourceProgram());
    expect(JSON.parse(String(upstream.requests[0]?.body))).toEqual({
      model: 'gpt-4',
      messages: [{ role: 'user', content: '你好' }],
      stream: true,
      stream_options: { include_usage: true },
    });
  });
});

describe('the fetch loop, inside an async function', () => {
  it.each(ANSWERS)('writes $title', async ({ directive }) => {
    upstream.script(directive);
    expect(await run(fetchProgram())).toBe(directive.text);
  });

  // The loop takes every read for whole lines, so an event must leave in one write. One burst of more than a read of Node's
  // (64 KiB) breaks it on any server; a model is slower than that.
  it('writes a long answer that comes token by token', async () => {
    const tokens = Array.from({ length: 200 }, (_, index) => (index === 0 ? 'token0' : ` token${index}`));
    upstream.script({ tokens: tokens.length, token_ms: 10 });
    expect(await run(fetchProgram())).toBe(tokens.join(''));
  });
});

describe('the sample of the Node SDK', () => {
  it.each(ANSWERS)('writes $title', async ({ directive }) => {
    upstream.script(directive);
    expect(await run(sample('node-sdk'))).toBe(`${directive.text}\n`);
  });
});

/** A sample with host and key replaced. */
function sample(name: string): string {
  return readFileSync(join(import.meta.dirname, 'samples', `${name}.txt`), 'utf8')
    .replace('https://your-hub.com', hub.url)
    .replace(/sk_live_x+/, hub.apiKey);
}

/** The document's options carry headers, which no EventSource takes: the `eventsource` package takes a fetch instead. */
function eventSourceProgram(): string {
  const options = /\{ headers: (\{.*\}) \}/;
  const withFetch = sample('event-source').replace(
    options,
    '{ fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...$1 } }) }',
  );
  return `import { EventSource } from '${import.meta.resolve('eventsource')}';
${withFetch}
evtSource.onmessage = ({ data }) => {
  if (data === '[DONE]') return evtSource.close();
  process.stdout.write(JSON.parse(data).choices?.[0]?.delta?.content ?? '');
};
evtSource.onerror = (error) => {
  console.error(error);
  process.exit(1);
};`;
}

/** Its address is relative, which only a browser can use. */
function fetchProgram(): string {
  return `async function main() {
${sample('fetch-loop').replace("fetch('/", `fetch('${hub.url}/`)}
}
await main();`;
}

/** Runs a module and gives what it wrote. */
async function run(program: string): Promise<string> {
  const child = launch([process.execPath, '--input-type=module', '--eval', program]);
  const { code } = await child.ended;
  if (code !== 0 || child.stderr() !== '') throw new Error(`exit code ${code}\n${child.stdout()}\n${child.stderr()}`);
  return child.stdout();
}

import { aggregateChat } from '../../src/providers/adapters/openai-compatible/aggregate-chat.js';
import type { ChatStreamItem } from '../../src/providers/canonical/chat.js';
import type { Provider } from '../../src/providers/provider.js';
import type { Dialect } from './dialect.js';
import { expectSummary } from './expect-summary.js';
import { type Expected, type Fixtures, listOf } from './fixtures-of.js';
import { FRAMED } from './framed.js';
import { plain, readStream } from './read-stream.js';
import { summaryOf, summaryOfItems } from './summary.js';
import { askedFor, targetOf } from './target.js';

export function describeStreams(provider: Provider, { files }: Fixtures, dialect: Dialect): void {
  const framing = provider.chat?.framing ?? 'sse';
  const framed = FRAMED[framing];
  const streams = files.filter(({ name }) => name.endsWith(`.${framing}`));
  const good = streams.filter(({ expected }) => expected.error === undefined);
  const failing = streams.filter(({ expected }) => expected.error !== undefined);
  const target = targetOf(dialect);
  const read = (expected: Expected, ...pieces: Uint8Array[]): ChatStreamItem[] =>
    readStream(provider, targetOf(dialect, expected), pieces, askedFor(expected));
  const expectEnd = (items: readonly ChatStreamItem[]): void => {
    expect(items.filter((item) => item.type === 'done')).toHaveLength(dialect.hasDone ? 1 : 0);
    if (dialect.hasDone) expect(items.at(-1)).toEqual({ type: 'done' });
  };

  it.each(good)('reads $name', ({ bytes, expected }) => {
    const items = read(expected, bytes);
    expectSummary(summaryOfItems(items), expected);
    expectEnd(items);
    expect(items.filter((item) => item.type === 'malformed' || item.type === 'error')).toEqual([]);
  });

  it.each(streams)('reads $name the same wherever it is cut', ({ bytes, expected }) => {
    const whole = JSON.stringify(plain(read(expected, bytes)));
    for (let at = 1; at < bytes.length; at++) {
      if (JSON.stringify(plain(read(expected, bytes.subarray(0, at), bytes.subarray(at)))) !== whole)
        throw new Error(`Cut at byte ${at}.`);
    }
    const single = Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1));
    expect(JSON.stringify(plain(read(expected, ...single)))).toBe(whole);
  });

  it.each(good)("gives a client chunks of $name in OpenAI's shape", ({ bytes, expected }) => {
    const chunks = plain(read(expected, bytes)).filter(
      (item): item is { chunk: Record<string, unknown> } => (item as ChatStreamItem).type === 'chunk',
    );
    expect(chunks.length).toBeGreaterThan(0);
    let roles = 0;
    for (const { chunk } of chunks) {
      expect(chunk).toMatchObject({ object: 'chat.completion.chunk' });
      expect(chunk).not.toHaveProperty('usage');
      expect(chunk).not.toHaveProperty('obfuscation');
      for (const choice of chunk['choices'] as Record<string, unknown>[]) {
        expect(choice).toMatchObject({ index: expect.any(Number), delta: expect.any(Object) });
        expect([null, 'stop', 'length', 'tool_calls', 'content_filter', 'function_call']).toContain(
          choice['finish_reason'],
        );
        const delta = choice['delta'] as Record<string, unknown>;
        expect(delta['content']).not.toBeNull();
        if (delta['role'] !== undefined) roles++;
      }
    }
    expect(roles).toBeLessThanOrEqual(1);
  });

  it.each(good)('puts $name together to the same answer', ({ bytes, expected }) => {
    const { completion, usage } = aggregateChat(read(expected, bytes), target);
    expectSummary(summaryOf(completion, usage), expected);
  });

  it.each(good)('never takes $name for finished before it is', ({ bytes, expected }) => {
    const items = read(expected, framed.before(bytes, dialect.finishPattern));
    expect(items.filter((item) => item.type === 'done' || (item.type === 'chunk' && item.isFinish))).toEqual([]);
    expect(() => aggregateChat(items, target)).toThrow();
  });

  it.each(good)('reads $name past comments, pings, other line ends and events of tomorrow', ({ bytes, expected }) => {
    const whole = plain(read(expected, bytes));
    for (const noisy of framed.noisy(bytes)) expect(plain(read(expected, noisy))).toEqual(whole);
  });

  it.each(good)('says nothing of usage when $name has none', ({ bytes, expected }) => {
    const items = read(
      expected,
      framed.changed(bytes, (event) => dialect.withoutUsage(event)),
    );
    expect(items.filter((item) => item.type === 'usage')).toEqual([]);
    expectEnd(items);
  });

  if (failing.length > 0)
    it.each(failing)('reads the failure inside $name', ({ bytes, expected }) => {
      const items = read(expected, bytes);
      const last = items.at(-1);
      if (last?.type !== 'error') throw new Error(`The last item is ${last?.type}.`);
      expect(listOf(expected.error!.kind)).toContain(last.error.kind);
      if (expected.error!.code !== undefined) expect(last.error.code).toBe(expected.error!.code);
      if (expected.text !== undefined) expect(listOf(expected.text)).toContainEqual(summaryOfItems(items).text);
    });

  it('drops a broken event among good ones and reads on', () => {
    const { bytes, expected } = good[0]!;
    const items = read(expected, Buffer.concat([framed.broken, bytes]));
    expect(items[0]).toEqual({ type: 'malformed' });
    expectSummary(summaryOfItems(items), expected);
  });

  it('reads a second stream as if there had been none before', () => {
    const { bytes, expected } = good.at(-1)!;
    expect(plain(read(expected, bytes))).toEqual(plain(read(expected, bytes)));
  });
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HubError } from '../../../src/common/hub-error.js';
import { anthropic } from '../../../src/providers/adapters/anthropic/anthropic.provider.js';
import { gemini } from '../../../src/providers/adapters/gemini/gemini.provider.js';
import { openai } from '../../../src/providers/adapters/openai/openai.provider.js';
import { openaiResponses } from '../../../src/providers/adapters/openai-responses/openai-responses.provider.js';
import type { ChatRequest } from '../../../src/providers/canonical/chat.js';
import { ProviderError } from '../../../src/providers/canonical/provider-error.js';
import { wrapThought } from '../../../src/providers/canonical/wrapped-thought.js';
import { readMessages } from '../../../src/relay/formats/messages/read-messages.js';
import { body } from './messages-bodies.js';

// Whatever a caller sends: it is read, or refused as its own fault, and nothing else goes wrong.

const UPSTREAMS = [
  [anthropic, 'claude-sonnet-4-6'],
  [openai, 'gpt-4o'],
  [gemini, 'gemini-2.5-flash'],
  [openaiResponses, 'gpt-6-sol'],
] as const;

const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('', '__proto__', 'constructor', -1, '\ud800', [[]], 2 ** 60),
);
const wrapped = junk.map((value) => wrapThought({ detail: { a: value }, calls: { a: value }, extra: value }));
const block = fc.oneof(
  fc.record({ type: fc.constant('thinking'), thinking: junk, signature: fc.oneof(junk, wrapped) }),
  fc.record({ type: fc.constant('redacted_thinking'), data: fc.oneof(junk, wrapped) }),
  fc.record({ type: fc.constant('server_tool_use'), id: junk, name: junk, input: junk }),
  fc.record({ type: fc.constant('search_result'), source: junk, title: junk, content: junk }),
  fc.record({
    type: fc.constant('text'),
    text: fc.string(),
    cache_control: fc.record({ ttl: fc.constantFrom('1h', 7) }),
  }),
);

/** A body in which some places hold something else. */
const hostile = fc
  .tuple(body, fc.array(fc.tuple(fc.nat(), fc.oneof(junk, block, fc.array(block, { maxLength: 2 }))), { maxLength: 2 }))
  .map(([value, changes]) => {
    const changed: unknown = JSON.parse(JSON.stringify(value));
    for (const [place, other] of changes) change(changed, place, other);
    return changed;
  });

/** Puts a value in place of one of the members somewhere in another. */
function change(value: unknown, place: number, other: unknown): void {
  const holders: (readonly [object, string])[] = [];
  const collect = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const [name, member] of Object.entries(holder)) {
      holders.push([holder, name]);
      collect(member);
    }
  };
  collect(value);
  const [holder, name] = holders[place % holders.length]!;
  // A copy: put in twice, a value could be within itself.
  Reflect.set(holder, name, structuredClone(other));
}

/** Tells every upstream a request, as its adapter would. */
function tell(request: ChatRequest): void {
  for (const [{ chat }, upstreamModel] of UPSTREAMS) {
    try {
      const { body: bytes } = chat!.toBody(request, { upstreamModel, publicModel: 'm' }, {});
      JSON.parse(Buffer.from(bytes).toString());
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
  }
}

describe('a hostile body in Messages', () => {
  it('is read or refused with a 400, and told to every upstream or refused by its adapter', () => {
    let told = 0;
    fc.assert(
      fc.property(hostile, (value) => {
        let request: ChatRequest;
        try {
          request = readMessages(Buffer.from(JSON.stringify(value))).request;
        } catch (error) {
          expect(error).toBeInstanceOf(HubError);
          expect(error).toMatchObject({ status: 400 });
          return;
        }
        told++;
        tell(request);
        const { original: _, ...canonical } = request;
        tell(canonical);
      }),
      { numRuns: 1000 },
    );
    expect(told).toBeGreaterThan(200);
  });

  it('that nests as deep as a body may is told', () => {
    const schema = `${'{"a":'.repeat(190)}1${'}'.repeat(190)}`;
    const text = `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"}],"tools":[{"name":"f","input_schema":${schema}}]}`;
    expect(() => tell(readMessages(Buffer.from(text)).request)).not.toThrow();
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { candidateOf, failure, PLAIN_FACTS } from '../../../test/support/candidates.js';
import type { ModelRouting } from '../../channels/model-routing.js';
import { PriceTable } from '../../pricing/price-table.js';
import { moonshot } from '../../providers/adapters/moonshot/moonshot.provider.js';
import type { ChatChunkChoice, ChatRequest, ChatStreamItem } from '../../providers/canonical/chat.js';
import type { Choice, PlannedCandidate } from '../route-choice.js';
import { validateChat } from '../validate-chat.js';
import { ChatRescue } from './chat-rescue.js';
import { MismatchError } from './splicer.js';

type ChunkItem = Extract<ChatStreamItem, { type: 'chunk' }>;

function planned(id: string, takesBeginnings = false, routing?: ModelRouting): PlannedCandidate {
  const candidate = candidateOf(id);
  const model = { id: 'm', createdAt: new Date(0), onDisconnect: 'abort', routing } as const;
  return {
    candidate: takesBeginnings ? { ...candidate, provider: moonshot } : candidate,
    model,
    opensOn: undefined,
    reserve: undefined,
  };
}

const requestOf = (body: object = {}): ChatRequest =>
  validateChat(
    Buffer.from(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }], ...body })),
  );

const mismatches: unknown[] = [];
function rescueOf(
  plan: readonly PlannedCandidate[] = [planned('a'), planned('b')],
  body: object = {},
  routing?: ModelRouting,
): ChatRescue | undefined {
  const [first] = plan;
  const model = { ...first!.model, routing };
  const choice: Choice = { model, prices: PriceTable.empty, facts: PLAIN_FACTS, plan, passedOver: [] };
  const run = { bill: { deliveredBefore: 7 }, noteMismatch: (error: unknown) => mismatches.push(error) };
  return ChatRescue.of(run, requestOf(body), choice);
}

function chunk(delta: Record<string, unknown>, rest: Partial<ChatChunkChoice> = {}): ChunkItem {
  const choice = { index: 0, delta, finish_reason: null, ...rest };
  const hasContent = Object.keys(delta).some((name) => name !== 'role');
  return { type: 'chunk', chunk: { choices: [choice] }, hasContent, isFinish: rest.finish_reason != null };
}
const textOf = (item: ChunkItem | undefined): string => String(item?.chunk.choices[0]?.delta['content'] ?? '');

/** What the client sees of texts that come in pieces, the last with the finish. */
function tell(rescue: ChatRescue, pieces: readonly string[]): string {
  const shown = pieces.map((content) => textOf(rescue.take(chunk({ content }))));
  return shown.join('') + textOf(rescue.take(chunk({}, { finish_reason: 'stop' })));
}

describe('a rescue', () => {
  it('is there only where somebody could go on, and is allowed to', () => {
    expect(rescueOf()).toBeDefined();
    expect(rescueOf([planned('a')])).toBeUndefined();
    expect(rescueOf(undefined, { n: 2 })).toBeUndefined();
    expect(rescueOf(undefined, {}, { rescue: 'error' })).toBeUndefined();
  });

  it('makes one text of several attempts, wherever they break off and are cut', () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    const places = fc.array(fc.nat(), { maxLength: 6 });
    const cut = (text: string, at: readonly number[]): string[] => {
      const places = [...new Set(at.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
      return [0, ...places].map((start, i) => text.slice(start, places[i] ?? text.length));
    };
    fc.assert(
      fc.property(
        texts,
        fc.array(fc.tuple(fc.nat(), places), { minLength: 1, maxLength: 3 }),
        places,
        (text, breaks, last) => {
          const rescue = rescueOf()!;
          let seen = '';
          for (const [length, at] of breaks) {
            rescue.begin({ resume: seen === '' ? undefined : { mode: 'retell' } });
            const part = text.slice(0, length % (text.length + 1));
            for (const content of cut(part, at)) seen += textOf(rescue.take(chunk({ content })));
          }
          rescue.begin({ resume: { mode: 'retell' } });
          expect(seen + tell(rescue, cut(text, last))).toBe(text);
        },
      ),
    );
  });

  it('prefers who goes on from a beginning, until that has refused', () => {
    const [a, b] = [planned('a'), planned('b', true)];
    const rescue = rescueOf([a, b])!;
    rescue.begin({ resume: undefined });
    rescue.take(chunk({ role: 'assistant', content: 'One two ' }));
    expect([rescue.prefers(a), rescue.prefers(b)]).toEqual([false, true]);
    const resume = rescue.resumeAt(b);
    expect(resume).toEqual({ mode: 'prefill', prefill: 'One two' });
    rescue.begin({ resume });
    expect(rescue.isRefusal({ planned: b, resume }, failure('overloaded'))).toBe(false);
    expect(rescue.isRefusal({ planned: b, resume }, failure('invalid_request'))).toBe(true);
    expect(rescue.prefers(b)).toBe(false);
    expect(rescue.resumeAt(b)).toEqual({ mode: 'retell' });
  });

  it('asks for no more than what is left of the cap', () => {
    const b = planned('b', true);
    const rescue = rescueOf([planned('a'), b], { max_completion_tokens: 20, max_tokens: 20 })!;
    rescue.begin({ resume: undefined });
    rescue.take(chunk({ content: 'One' }));
    const asked = rescue.begin({ resume: rescue.resumeAt(b) });
    expect(asked.source.value).toMatchObject({ max_completion_tokens: 13, max_tokens: 13 });
    expect(rescue.begin({ resume: { mode: 'retell' } }).source.value).toMatchObject({ max_tokens: 20 });
  });

  it('ends for good when what is told again differs', () => {
    const rescue = rescueOf()!;
    rescue.begin({ resume: undefined });
    rescue.take(chunk({ content: 'One two' }));
    expect(rescue.mayGoOn).toBe(true);
    const resume = rescue.resumeAt(planned('b'));
    rescue.begin({ resume });
    expect(rescue.take(chunk({ content: 'One ' }))).toBeUndefined();
    expect(() => rescue.take(chunk({ content: 'three' }))).toThrow(MismatchError);
    expect(rescue.isRefusal({ planned: planned('b'), resume }, new MismatchError())).toBe(false);
    expect(rescue.mayGoOn).toBe(false);
    expect(mismatches).toHaveLength(1);
  });

  it('takes no tool call in the place of text that was sent', () => {
    const rescue = rescueOf()!;
    rescue.begin({ resume: undefined });
    rescue.take(chunk({ content: 'One two' }));
    rescue.begin({ resume: { mode: 'retell' } });
    rescue.take(chunk({ content: 'One' }));
    expect(() => rescue.take(chunk({ tool_calls: [{ index: 0, id: 'call_1' }] }))).toThrow(MismatchError);
  });

  it('gives up once a tool call has begun', () => {
    const rescue = rescueOf()!;
    rescue.begin({ resume: undefined });
    rescue.take(chunk({ tool_calls: [{ index: 0, id: 'call_1' }] }));
    expect(rescue.mayGoOn).toBe(false);
  });

  it('leaves probabilities only of the tokens that are shown', () => {
    const rescue = rescueOf()!;
    rescue.begin({ resume: undefined });
    rescue.take(chunk({ content: 'One tw' }));
    rescue.begin({ resume: { mode: 'retell' } });
    const content = [{ token: 'One' }, { token: ' two' }, { token: ' three' }];
    const item = chunk({ content: 'One two three' }, { logprobs: { content } });
    const shown = rescue.take(item);
    expect(textOf(shown)).toBe('o three');
    // Half of a token has no probability of its own.
    expect(shown?.chunk.choices[0]?.['logprobs']).toEqual({ content: [{ token: ' three' }] });
  });
});

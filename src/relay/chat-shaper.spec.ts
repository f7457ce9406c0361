import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatChunkChoice } from '../providers/canonical/chat.js';
import { ChatProgress } from '../providers/canonical/chat-progress.js';
import { ChatShaper } from './chat-shaper.js';
import { ChatEvents } from './formats/chat-completions/chat-events.js';

let progress: ChatProgress;
let shaper: ChatShaper;

beforeEach(() => {
  progress = new ChatProgress(1);
  shaper = new ChatShaper(new ChatEvents('public', false), 'chatcmpl-fallback', progress);
});

/** Pushes a chunk with one choice and returns what goes out, parsed. */
function push(
  delta: Record<string, unknown>,
  { finish = null, index = 0, id = 'up-1' }: { finish?: string | null; index?: number; id?: string } = {},
): Sent[] {
  const choices: ChatChunkChoice[] = [{ index, delta, finish_reason: finish }];
  const chunk = { id, created: 7, model: 'upstream', choices };
  return parse(
    shaper.write(
      shaper.shape({ type: 'chunk', chunk, hasContent: delta['content'] !== undefined, isFinish: finish !== null }),
    ),
  );
}

interface Sent {
  readonly id: string;
  readonly choices: readonly ChatChunkChoice[];
  readonly usage?: unknown;
}

function parse(events: readonly string[]): Sent[] {
  return events.map((event) => {
    expect(event).toMatch(/^data: .*\n\n$/);
    return JSON.parse(event.slice('data: '.length)) as Sent;
  });
}

describe('ChatShaper', () => {
  it('gives each chunk the public model and the id and time of the first', () => {
    const [first] = push({ content: 'a' });
    const [second] = push({ content: 'b' }, { id: 'up-2' });
    expect(first).toMatchObject({ id: 'up-1', created: 7, model: 'public', object: 'chat.completion.chunk' });
    expect(second).toMatchObject({ id: 'up-1', created: 7, model: 'public' });
  });

  it('invents an id where the upstream has none', () => {
    expect(push({ content: 'a' }, { id: '' })[0]?.id).toBe('chatcmpl-fallback');
  });

  it('shows one role and one id over several attempts', () => {
    expect(push({ role: 'assistant', content: 'b' })[0]?.choices[0]?.delta).toHaveProperty('role');
    shaper.restart();
    const [again] = push({ role: 'assistant', content: 'a' }, { id: 'other' });
    expect(again).toMatchObject({ id: 'up-1', choices: [{ delta: { content: 'a' } }] });
    expect(again?.choices[0]?.delta).not.toHaveProperty('role');
  });

  it('holds a role back until there is content, and forgets it when another attempt begins', () => {
    expect(push({ role: 'assistant' }, { id: 'empty' })).toEqual([]);
    shaper.restart();
    expect(push({ role: 'assistant' }, { id: 'better' })).toEqual([]);
    expect(push({ content: 'a' }, { id: 'better' })).toMatchObject([
      { id: 'better', choices: [{ delta: { role: 'assistant' } }] },
      { id: 'better', choices: [{ delta: { content: 'a' } }] },
    ]);
  });

  it('holds only so many chunks that say nothing', () => {
    const sent = Array.from({ length: 100 }, () => push({}).length);
    expect(sent.reduce((sum, count) => sum + count)).toBe(100);
  });

  it('holds a finish before any content back, and forgets it when another attempt begins', () => {
    expect(push({}, { finish: 'stop' })).toEqual([]);
    expect(progress.isFinished).toBe(true);
    shaper.restart();
    expect(progress.isFinished).toBe(false);
    expect(push({ content: 'a' })).toHaveLength(1);
    expect(push({}, { finish: 'length' })[0]?.choices[0]?.finish_reason).toBe('length');
    expect(shaper.tail(undefined)).toEqual([]);
  });

  it('sends a held finish in the tail', () => {
    push({}, { finish: 'stop' });
    expect(parse(shaper.tail(undefined))[0]?.choices[0]?.finish_reason).toBe('stop');
  });

  it('finishes each choice once and lets nothing follow', () => {
    push({ content: 'a' });
    expect(push({}, { finish: 'stop' })).toHaveLength(1);
    expect(push({ content: 'b' })).toEqual([]);
    expect(push({}, { finish: 'stop' })).toEqual([]);
  });

  it('shows usage only to who asked, and then the last one, at the end', () => {
    push({ content: 'a' });
    shaper.takeUsage({ inputTokens: 1 }, { total_tokens: 1 });
    expect(shaper.tail(undefined)).toEqual([]);

    shaper = new ChatShaper(new ChatEvents('public', true), 'chatcmpl-fallback', progress);
    expect(push({ content: 'a' })[0]?.usage).toBeNull();
    shaper.takeUsage({ inputTokens: 1 }, { total_tokens: 1 });
    shaper.takeUsage({ inputTokens: 2 }, { total_tokens: 2 });
    expect(parse(shaper.tail(undefined))).toMatchObject([{ choices: [], usage: { total_tokens: 2 } }]);
  });

  it('forgets the usage of a failed attempt', () => {
    shaper = new ChatShaper(new ChatEvents('public', true), 'chatcmpl-fallback', progress);
    shaper.takeUsage({ inputTokens: 1 }, { total_tokens: 1 });
    shaper.restart();
    expect(shaper.tail(undefined)).toEqual([]);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { ChatProgress } from './chat-progress.js';

let progress: ChatProgress;

beforeEach(() => {
  progress = new ChatProgress(1);
});

describe('ChatProgress', () => {
  it('is finished when every choice that began has finished', () => {
    expect(progress.isFinished).toBe(false);
    progress.note(0, null);
    progress.note(1, null);
    progress.note(0, 'stop');
    expect(progress.isFinished).toBe(false);
    progress.note(1, 'stop');
    expect(progress.isFinished).toBe(true);
  });

  it('waits for the choices that have not begun, unless the upstream says that none is to come', () => {
    progress = new ChatProgress(2);
    progress.note(0, 'stop');
    expect(progress.isFinished).toBe(false);
    progress.noteDone();
    expect(progress.isFinished).toBe(true);
  });

  it('is not finished by [DONE] alone', () => {
    progress.noteDone();
    expect(progress.isFinished).toBe(false);
    progress.note(0, null);
    expect(() => progress.requireAnswer(undefined)).toThrow(expect.objectContaining({ kind: 'incomplete' }));
  });

  it.each([undefined, {}, { inputTokens: 3, outputTokens: 0 }])('takes silence for no answer: usage %j', (usage) => {
    progress.note(0, 'stop');
    expect(() => progress.requireAnswer(usage)).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });

  it.each(['length', 'content_filter'])('takes the silence of a curtailed model for an answer: %s', (reason) => {
    progress.note(0, reason);
    expect(() => progress.requireAnswer(undefined)).not.toThrow();
  });

  it('takes silence that was paid for, and any content, for an answer', () => {
    progress.note(0, 'stop');
    expect(() => progress.requireAnswer({ outputTokens: 1 })).not.toThrow();
    progress.hasContent = true;
    expect(() => progress.requireAnswer(undefined)).not.toThrow();
  });

  it('forgets a failed attempt', () => {
    progress.note(0, 'length');
    progress.noteDone();
    progress.restart();
    expect(progress.isFinished).toBe(false);
    progress.note(0, 'stop');
    expect(() => progress.requireAnswer(undefined)).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });
});

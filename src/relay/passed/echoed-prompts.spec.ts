import { describe, expect, it } from '@jest/globals';
import { JsonSource } from '../../common/json-source.js';
import { openai } from '../../providers/adapters/openai/openai.provider.js';
import { EchoedPrompts } from './echoed-prompts.js';

const TARGET = { upstreamModel: 'up', publicModel: 'm' };
const requestOf = (body: object, choiceCount = 1) => ({
  source: JsonSource.of({ model: 'm', ...body }),
  model: 'm',
  isStream: true,
  includeUsage: false,
  choiceCount,
  outputTokensCap: 16,
});

describe('text of a completion that tells its prompt again', () => {
  const written = (body: object, texts: readonly string[], choiceCount = texts.length): readonly string[] => {
    const echoed = new EchoedPrompts(requestOf(body, choiceCount));
    return texts.map((text, choice) => echoed.written(text, choice));
  };

  it('counts without it, each choice by its own prompt', () => {
    expect(written({ prompt: 'Once', echo: true }, ['Once upon'])).toEqual([' upon']);
    const two = { prompt: ['a', 'b'], n: 2, echo: true };
    expect(written(two, ['a1', 'a2', 'b3', 'b4'])).toEqual(['1', '2', '3', '4']);
  });

  it('counts whole where nothing is told again, or nobody knows how', () => {
    expect(written({ prompt: 'Once' }, ['Once upon'])).toEqual(['Once upon']);
    expect(written({ prompt: 'Once', echo: true }, ['upon'])).toEqual(['upon']);
    expect(written({ prompt: [[1, 2]], echo: true }, ['Once upon'])).toEqual(['Once upon']);
    expect(written({ prompt: [1, 2], echo: true }, ['Once upon'])).toEqual(['Once upon']);
    expect(written({ prompt: 'a', echo: true }, ['a1', 'a2', 'a3'], 1)).toEqual(['1', 'a2', 'a3']);
  });

  it('counts without it in a stream, wherever that is cut, and passes it on all the same', () => {
    const whole = 'Once upon a time';
    for (let cut = 0; cut <= whole.length; cut++) {
      const request = requestOf({ prompt: 'Once upon', echo: true });
      const reader = new EchoedPrompts(request).reader(openai.completions!.openStream(TARGET, request));
      const parts = [whole.slice(0, cut), whole.slice(cut)];
      const items = parts.flatMap((text) =>
        reader.push({ name: '', data: JSON.stringify({ choices: [{ index: 0, text, finish_reason: null }] }) }),
      );
      const events = items.flatMap((item) => (item.type === 'event' ? [item] : []));
      expect(events.flatMap(({ texts }) => texts.map(({ text }) => text)).join('')).toBe(' a time');
      expect(JSON.stringify(events.map(({ value }) => value))).toContain(JSON.stringify(parts[1]));
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import { type DeclaredNames, declaredNames, heavyLoss } from './heavy-loss.js';

function names(channels: string, models: string, groups = ''): DeclaredNames {
  const setOf = (text: string): Set<string> => new Set([...text]);
  return { channels: setOf(channels), models: setOf(models), groups: setOf(groups) };
}

describe('a change of HUB_CONFIG', () => {
  it.each([
    ['more than half of the channels', names('abc', 'm'), names('a', 'm'), '2 of 3 channels'],
    ['more than half of the models', names('a', 'mnopq'), names('a', 'mn'), '3 of 5 models'],
    ['the only channel and its models', names('a', 'mn'), names('', ''), '1 of 1 channels and 2 of 2 models'],
    ['all groups', names('a', 'm', 'gh'), names('a', 'm'), '2 of 2 groups'],
    ['most of them for others', names('ab', 'm'), names('cd', 'm'), '2 of 2 channels'],
  ])('takes away %s', (_what, before, after, loss) => {
    expect(heavyLoss(before, after)).toBe(loss);
  });

  it.each([
    ['half of all', names('ab', 'mn', 'gh'), names('a', 'm', 'g')],
    ['nothing', names('ab', 'mn'), names('abc', 'mno', 'g')],
    ['nothing where there was nothing', names('', ''), names('', '')],
  ])('may take away %s at once', (_what, before, after) => {
    expect(heavyLoss(before, after)).toBeUndefined();
  });

  it('is told by all models, also those that only a channel names', () => {
    const ways = { allowPrivateNetwork: false, priority: 0, weight: 1 };
    const channel = { name: 'main', provider: 'openai', models: new Map([['a', 'a']]), ...ways };
    const declared = declaredNames({ config: { channels: [channel], models: [{ id: 'b' }] } });
    expect(declared).toEqual({ channels: new Set(['main']), models: new Set(['a', 'b']), groups: new Set() });
  });
});

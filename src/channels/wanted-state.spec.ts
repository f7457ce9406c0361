import type { DeclaredChannel } from './declaration.js';
import { toWantedState } from './wanted-state.js';

const channel = (name: string, models: Record<string, string>): DeclaredChannel => ({
  name,
  provider: 'openai',
  allowPrivateNetwork: false,
  priority: 0,
  weight: 1,
  models: new Map(Object.entries(models)),
});

describe('toWantedState', () => {
  it('makes a model of every name a channel serves', () => {
    const { models } = toWantedState({ config: { channels: [channel('a', { x: 'x-1' })], models: [] } });
    expect([...models]).toEqual([['x', { managedBy: 'config', isExplicit: false }]]);
  });

  it('gives a name that two declare to the config file', () => {
    const { channels } = toWantedState({
      environment: { channels: [channel('openai', { x: 'from-environment' })], models: [] },
      config: { channels: [channel('openai', { x: 'from-config' })], models: [] },
    });
    expect(channels.get('openai')?.models.get('x')).toBe('from-config');
    expect(channels.size).toBe(1);
  });

  it('takes a price from whoever states one', () => {
    const price = { inputPerMillion: '1' };
    const { models } = toWantedState({
      config: { channels: [channel('a', { x: 'x' })], models: [] },
      sandbox: { channels: [], models: [{ id: 'x', price }] },
    });
    expect(models.get('x')).toEqual({ managedBy: 'sandbox', price, isExplicit: true });
  });
});

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

  it('takes the settings of a model from whoever states some', () => {
    const { models } = toWantedState({
      config: { channels: [channel('a', { x: 'x' })], models: [] },
      sandbox: { channels: [], models: [{ id: 'x', price: { perRequest: '1' }, onDisconnect: 'drain' }] },
    });
    expect(models.get('x')).toEqual({ managedBy: 'sandbox', onDisconnect: 'drain', isExplicit: true });
  });

  it('keeps what each declarer says of a price, own before suggested', () => {
    const [low, high] = [{ perRequest: '1' }, { perRequest: '2' }];
    const { prices } = toWantedState({
      environment: {
        channels: [],
        models: [{ id: 'y', price: high }],
        suggestedPrices: new Map(Object.entries({ x: low, y: low })),
      },
      config: { channels: [], models: [{ id: 'x', price: high }] },
    });
    expect(prices).toEqual([
      { source: 'config', model: 'x', side: 'selling', price: high },
      { source: 'environment', model: 'x', side: 'selling', price: low },
      { source: 'environment', model: 'y', side: 'selling', price: high },
    ]);
  });

  it('takes the prices of a channel only from the one who has it', () => {
    const [low, high] = [{ perRequest: '1' }, { perRequest: '2' }];
    const { prices } = toWantedState({
      environment: { channels: [{ ...channel('a', { x: 'x' }), costs: new Map([['x', low]]) }], models: [] },
      config: {
        channels: [{ ...channel('a', { x: 'x' }), prices: new Map([['x', high]]), costs: new Map([['x', high]]) }],
        models: [],
      },
    });
    expect(prices).toEqual([
      { source: 'config', model: 'x', side: 'selling', channel: 'a', price: high },
      { source: 'config', model: 'x', side: 'purchase', channel: 'a', price: high },
    ]);
  });
});

import { openai } from './adapters/openai/openai.provider.js';
import { sandboxProvider } from './adapters/sandbox/sandbox-provider.js';
import { defineProvider } from './define-provider.js';
import type { Provider } from './provider.js';
import { ProviderRegistry } from './provider-registry.js';
import { VENDORS } from './vendors.js';

describe('ProviderRegistry', () => {
  it('knows every vendor by its id', () => {
    const sandbox = sandboxProvider('http://127.0.0.1:1');
    const registry = new ProviderRegistry([...VENDORS, sandbox]);
    expect(registry.get('openai')).toBe(openai);
    expect(registry.get('sandbox')).toBe(sandbox);
    expect(registry.get('constructor')).toBeUndefined();
    expect(registry.list()).toEqual([...VENDORS, sandbox]);
  });

  it('refuses an id that occurs twice', () => {
    expect(() => new ProviderRegistry([openai, openai])).toThrow('Provider "openai" is declared twice.');
  });

  it('refuses an operation without its functions, and a provider that can do nothing', () => {
    const { chat: _, ...rest } = openai;
    const broken: unknown = { ...openai, chat: { ...openai.chat, openStream: undefined } };
    expect(() => new ProviderRegistry([broken as Provider])).toThrow(
      'Provider "openai" declares chat without openStream.',
    );
    const idle: Provider = {
      ...rest,
      embeddings: undefined,
      images: undefined,
      imageEdits: undefined,
      imageTasks: undefined,
      video: undefined,
      completions: undefined,
      moderations: undefined,
      transcriptions: undefined,
      speech: undefined,
    };
    expect(() => new ProviderRegistry([idle])).toThrow('Provider "openai" declares no operation.');
  });
});

describe('defineProvider', () => {
  it('refuses an id that cannot stand in a configuration, and a base URL that would double the slash', () => {
    expect(() => defineProvider({ ...openai, id: 'Open AI' })).toThrow('Provider id');
    expect(() => defineProvider({ ...openai, baseUrl: 'https://api.openai.com/v1/' })).toThrow(
      'must not end in a slash',
    );
  });
});

import { MODEL_CONFIGS } from 'llm-zoo';
import { VENDORS } from '../providers/vendors.js';
import { capabilitiesOf } from './capabilities-of.js';
import { OWN_FACTS } from './own-facts.js';

describe('what is known of a model', () => {
  it('has windows and features from the package', () => {
    expect(capabilitiesOf('anthropic', 'claude-opus-5-5')).toEqual({
      contextTokens: 1_000_000,
      outputTokensMax: 128_000,
      tools: true,
      vision: true,
      reasoning: true,
      fileInput: true,
      jsonSchema: true,
    });
  });

  it('knows a text model from one that sees', () => {
    expect(capabilitiesOf('zhipu', 'glm-5.3')).toMatchObject({ vision: false, reasoning: true });
    expect(capabilitiesOf('zhipu', 'glm-5.3-flash')).toMatchObject({ vision: true });
  });

  it('is nothing at all for a name that nobody has written down', () => {
    expect(capabilitiesOf('vllm', 'our-own-model')).toEqual({});
    expect(capabilitiesOf('vllm', '')).toEqual({});
    expect(capabilitiesOf('vllm', '/')).toEqual({});
    expect(capabilitiesOf('vllm', 'constructor')).toEqual({});
  });

  it.each([
    ['as OpenRouter writes it', 'anthropic/claude-opus-5.5'],
    ["with an aggregator's variant", 'anthropic/claude-opus-5.5:beta'],
    ['in capitals', 'Claude-Opus-5-5'],
    ['with the day of a snapshot', 'claude-opus-5-5-20260901'],
    ['as one cloud writes it', 'us.anthropic.claude-opus-5-5-20260901-v1:0'],
    ['as another cloud writes it', 'claude-opus-5-5@20260901'],
    ['as the newest snapshot', 'claude-opus-5-5-latest'],
  ])('finds a model %s', (_, name) => {
    expect(capabilitiesOf('anthropic', name)).toEqual(capabilitiesOf('anthropic', 'claude-opus-5-5'));
  });

  it('keeps models apart whose names only begin alike', () => {
    expect(capabilitiesOf('openai', 'gpt-5.4-mini').contextTokens).toBe(400_000);
    expect(capabilitiesOf('openai', 'gpt-5.4').contextTokens).toBe(1_050_000);
    expect(capabilitiesOf('openai', 'gpt-5.4-mystery').contextTokens).toBeUndefined();
  });

  // The package lists such models twice, with thinking and without.
  it('joins what a model can with thinking and without', () => {
    expect(capabilitiesOf('moonshot', 'kimi-k2.6')).toMatchObject({ reasoning: true, vision: true, tools: true });
  });

  // deepseek-flash is a living name; others of the same vendor are several retired models that had one name.
  it('does not mix a living model with retired ones of its name', () => {
    for (const model of Object.values(MODEL_CONFIGS).filter(({ retired }) => retired !== true)) {
      expect(capabilitiesOf('x', model.fullName).contextTokens).toBe(model.contextWindow);
    }
  });

  it('says of files and sound only that a model takes them, never that it does not', () => {
    for (const { fullName } of Object.values(MODEL_CONFIGS)) {
      const { fileInput, audioInput } = capabilitiesOf('x', fullName);
      expect([fileInput, audioInput]).not.toContain(false);
    }
  });

  it('knows announced ends at the vendor that ends a model, and nowhere else', () => {
    expect(capabilitiesOf('openai', 'gpt-4o-2024-08-06').retiresOn).toBe('2027-01-14');
    expect(capabilitiesOf('openai', 'gpt-5').retiresOn).toBe('2026-12-11');
    expect(capabilitiesOf('openai', 'gpt-5.4').retiresOn).toBeUndefined();
    expect(capabilitiesOf('openrouter', 'openai/gpt-4o').retiresOn).toBeUndefined();
    expect(capabilitiesOf('gemini', 'gemini-2.5-flash').retiresOn).toBe('2026-12-01');
    expect(capabilitiesOf('gemini', 'gemini-2.5-flash-lite').retiresOn).toBeUndefined();
  });

  it('knows the sizes of pictures where they are a list', () => {
    expect(capabilitiesOf('openai', 'dall-e-3').imageSizes).toEqual(['1024x1024', '1792x1024', '1024x1792']);
    expect(capabilitiesOf('openai', 'gpt-image-1.5').imageSizes).toContain('auto');
    expect(capabilitiesOf('openai', 'gpt-image-2').imageSizes).toBeUndefined();
  });

  it('has ends that are days, and a source and a month for all of our own', () => {
    for (const { facts, source, asOf } of OWN_FACTS) {
      if (facts.retiresOn !== undefined) expect(facts.retiresOn).toMatch(/^20\d\d-(0[1-9]|1[0-2])-([012]\d|3[01])$/);
      expect(source).toMatch(/^[a-z.-]+\.[a-z]+(\/|$)/);
      expect(asOf).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/);
    }
  });

  // A default model without a known window is one that a router can only try.
  it('knows the window of the usual chat models of the vendors with models of their own', () => {
    const unknown = VENDORS.filter(({ id }) =>
      ['openai', 'anthropic', 'gemini', 'xai', 'deepseek'].includes(id),
    ).flatMap((vendor) =>
      vendor.defaultModels
        .filter((model) => !/image|embed|tts|whisper|transcribe|moderation|sora|omni|veo/.test(model))
        .filter((model) => capabilitiesOf(vendor.id, model).contextTokens === undefined)
        .map((model) => `${vendor.id} ${model}`),
    );
    expect(unknown).toEqual([]);
  });
});

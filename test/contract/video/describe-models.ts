import type { Provider } from '../../../src/providers/provider.js';
import type { VideoContract, VideoFixtures } from './video-contract.js';
import { modelOf, requestFor, videoOf } from './video-request.js';

/** What a provider says of its models. */
export function describeModels(provider: Provider, { models }: VideoContract, { refused }: VideoFixtures): void {
  const video = videoOf(provider);

  it('serves who names no model with one that it knows', () => {
    expect(models).toContain(video.defaultModel);
  });

  it('is declared without a model that its documents do not name', () => {
    const offered = provider.defaultModels.filter((model) => video.modelOf(model) !== undefined);
    expect(offered.filter((model) => !models.includes(model))).toEqual([]);
  });

  it.each(['', 'gpt-6-sol', 'text-embedding-v4', '__proto__', 'constructor'])('knows no video model "%s"', (name) => {
    expect(video.modelOf(name)).toBeUndefined();
  });

  it.each(models)('describes %s without contradiction', (name) => {
    const model = modelOf(video, name);
    const { durations, durationDefault, audio, audioDefault } = model;
    expect(isPossible(durations, durationDefault)).toBe(true);
    expect(Number.isInteger(durationDefault)).toBe(true);
    expect(model.resolutions).toContain(model.resolutionDefault);
    expect(model.resolutions.filter((one) => one !== one.toLowerCase())).toEqual([]);
    expect(model.aspectRatios.filter((one) => !/^\d+:\d+$|^adaptive$|^keep_ratio$/.test(one))).toEqual([]);
    expect(audio === 'optional' || audioDefault === (audio === 'always')).toBe(true);
    expect((model.image === 'none') === (model.imageForms.length === 0 && !model.hasLastFrame)).toBe(true);
    expect(model.countMax).toBeGreaterThanOrEqual(1);
    expect(model.promptCharsMax).toBeGreaterThan(0);
    expect(new Set(model.options).size).toBe(model.options.length);
    expect(model.refusal?.(requestFor(video, name))).toBeUndefined();
    expect(video.modelOf(name)).toEqual(model);
  });

  if (refused.length === 0) return;
  it.each(refused)('refuses, and names the field at fault: $model, $name', ({ model, request, param }) => {
    const wanted = requestFor(video, model, request);
    const refusal = modelOf(video, model).refusal?.(wanted);
    expect(refusal).toEqual({ param, message: expect.stringMatching(/^[A-Z].*\.$/s) });
    expect(modelOf(video, model).refusal?.(wanted)).toEqual(refusal);
  });
}

function isPossible(durations: readonly number[] | { min: number; max: number }, seconds: number): boolean {
  return 'min' in durations
    ? durations.min <= seconds && seconds <= durations.max
    : (durations as readonly number[]).includes(seconds);
}

import { openaiCompatible } from '../providers/adapters/openai-compatible/openai-compatible.provider.js';
import { sandboxProvider } from '../providers/adapters/sandbox/sandbox-provider.js';
import type { VideoModelPatch } from '../providers/canonical/video.js';
import type { Provider } from '../providers/provider.js';
import { describeModel } from './describe-model.js';

function describeAt(provider: Provider, upstreamModel: string, patch?: VideoModelPatch) {
  return describeModel({ provider, target: { upstreamModel, publicModel: 'film' } }, patch);
}

describe('what a model can do', () => {
  it('is what its provider says', () => {
    expect(describeAt(openaiCompatible, 'sora-2')).toMatchObject({ durations: [4, 8, 12], audio: 'always' });
    expect(describeAt(openaiCompatible, 'gpt-4')).toBeUndefined();
  });

  it('is what its operator says, also under a name that says nothing', () => {
    const patch = { durations: [6], hasSeed: true };
    expect(describeAt(openaiCompatible, 'studio-1', patch)).toMatchObject({
      ...patch,
      durationDefault: 6,
      resolutions: ['480p', '720p', '1080p'],
    });
    expect(describeAt(sandboxProvider('http://127.0.0.1:1'), 'gpt-4', patch)).toMatchObject({
      ...patch,
      resolutions: ['720p'],
    });
  });

  it('has no default that is not possible', () => {
    expect(
      describeAt(openaiCompatible, 'sora-2', { durations: { min: 6, max: 9 }, resolutions: ['4k'], audio: 'never' }),
    ).toMatchObject({ durationDefault: 6, resolutionDefault: '4k', audioDefault: false });
    expect(describeAt(openaiCompatible, 'sora-2', { audio: 'optional' })?.audioDefault).toBe(true);
  });

  it('keeps a default that the operator names', () => {
    const patch = { durations: [5, 8], durationDefault: 8, audio: 'optional', audioDefault: false } as const;
    expect(describeAt(openaiCompatible, 'sora-2', patch)).toMatchObject(patch);
  });
});

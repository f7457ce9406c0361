import { describe, expect, it } from '@jest/globals';
import { compatibleVideoModelOf, soraModelOf } from './openai-video-models.js';

describe('a name that says that a model makes videos', () => {
  it.each([
    'sora-2',
    'sora-2-pro',
    'veo-3.1',
    'wan2.6-t2v',
    'wanx2.1-i2v-plus',
    'kling-v3',
    'doubao-seedance-1-5-pro',
    'MiniMax-Hailuo-2.3',
    'viduq3',
    'vendor/hunyuan-video',
    'wan3.0-video',
    'cogvideox-3',
    'kling-image-to-video',
  ])('is %s', (name) => {
    expect(compatibleVideoModelOf(name)).toBeDefined();
  });

  it.each([
    'gpt-4o',
    'swan-7b',
    'kwan',
    'devious-1',
    'llava-next-video-7b',
    'qwen-video-chat',
    'wan2.7-image',
    'kling-images',
    'wan2.2-t2i-plus',
    'text-embedding-3-small',
    'wandb-classifier',
  ])('is not %s', (name) => {
    expect(compatibleVideoModelOf(name)).toBeUndefined();
  });

  it('also says whether a picture is needed', () => {
    expect(compatibleVideoModelOf('wan2.6-i2v')?.image).toBe('required');
    expect(compatibleVideoModelOf('wan2.6-t2v')?.image).toBe('none');
    expect(compatibleVideoModelOf('kling-v3')?.image).toBe('optional');
  });

  it('has the lengths and sizes of its family', () => {
    expect(compatibleVideoModelOf('sora-2')).toMatchObject({ durations: [4, 8, 12], resolutions: ['720p'] });
    expect(compatibleVideoModelOf('sora-2-pro')?.resolutions).toEqual(['720p', '1024p', '1080p']);
    expect(compatibleVideoModelOf('veo-3.1-fast')?.durations).toEqual([4, 6, 8]);
  });

  it('is at OpenAI only one of Sora', () => {
    expect(soraModelOf('sora-2-2025-10-06')).toBeDefined();
    expect(soraModelOf('gpt-4o')).toBeUndefined();
    expect(soraModelOf('veo-3')).toBeUndefined();
  });
});

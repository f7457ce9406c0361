import { dashscope } from '../providers/adapters/dashscope/dashscope.provider.js';
import { kling } from '../providers/adapters/kling/kling.provider.js';
import { openai } from '../providers/adapters/openai/openai.provider.js';
import type { Provider } from '../providers/provider.js';
import { offersOperation } from './able-candidates.js';
import { imageWayOf } from './image-way.js';

const at = (provider: Provider, upstreamModel: string) => ({ provider, target: { upstreamModel, publicModel: 'm' } });

describe('how pictures are made', () => {
  it.each<[Provider, string, string | undefined]>([
    [openai, 'gpt-image-2', 'whole'],
    [kling, 'kling-v2-1', 'task'],
    // Of a provider with both the model decides.
    [dashscope, 'wan2.2-t2i-flash', 'task'],
    [dashscope, 'qwen-image', 'whole'],
    // What its provider does not know is no model for pictures where there are only tasks.
    [kling, 'kling-3.0', undefined],
  ])('is told by the model: %#', (provider, model, kind) => {
    const candidate = at(provider, model);
    expect(imageWayOf(candidate)?.kind).toBe(kind);
    expect(offersOperation(candidate, 'images')).toBe(kind !== undefined);
  });

  it('is no matter of other operations', () => {
    expect(offersOperation(at(kling, 'kling-v2-1'), 'imageEdits')).toBe(false);
    expect(offersOperation(at(dashscope, 'wan2.2-t2i-flash'), 'chat')).toBe(true);
  });
});

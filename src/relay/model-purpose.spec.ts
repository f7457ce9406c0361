import type { OperationName } from '../routing/able-candidates.js';
import { purposeHint } from './model-purpose.js';

describe('purposeHint', () => {
  it.each<[string, OperationName, string]>([
    ['tts-1', 'chat', 'audio/speech'],
    ['whisper-1', 'embeddings', 'audio/transcriptions'],
    ['rerank-v3.5', 'chat', 'rerank'],
    ['omni-moderation-latest', 'chat', 'moderations'],
    ['dall-e-3', 'completions', 'images/generations'],
    ['flux-2-pro', 'chat', 'images/generations'],
    ['text-embedding-3-small', 'chat', 'embeddings'],
    ['gpt-3.5-turbo-instruct', 'chat', 'completions'],
  ])('sends who asks %s for %s to %s', (model, operation, path) => {
    expect(purposeHint(model, operation, false)).toContain(`POST /api/relay/v1/${path}.`);
  });

  it('sends prompts for videos to their own route, whatever the model is called', () => {
    expect(purposeHint('anything', 'images', true)).toContain('POST /api/video/submit');
  });

  it.each<[string, OperationName]>([
    ['tts-1', 'speech'],
    ['gemini-3.1-flash-image', 'imageEdits'],
    ['my-model', 'rerank'],
  ])('says nothing of %s for %s', (model, operation) => {
    expect(purposeHint(model, operation, false)).toBeUndefined();
  });
});

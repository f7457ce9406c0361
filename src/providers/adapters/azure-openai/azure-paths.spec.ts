import { JsonSource } from '../../../common/json-source.js';
import { resolvePath } from '../../resolve-path.js';
import { azureOpenAi } from './azure-openai.provider.js';

const at = (basePath: string, upstreamModel: string) => ({ basePath, target: { upstreamModel, publicModel: 'p' } });
const DATED = 'dep?api-version=2025-04-01-preview';

describe('where Azure OpenAI is asked', () => {
  it.each([
    ['/openai/v1', 'dep', '/openai/v1/chat/completions'],
    ['/openai/v1', 'dep?api-version=preview', '/openai/v1/chat/completions?api-version=preview'],
    ['/openai', 'dep', '/openai/deployments/dep/chat/completions?api-version=2024-10-21'],
    ['', 'dep', '/openai/deployments/dep/chat/completions?api-version=2024-10-21'],
    ['/gateway', DATED, '/gateway/openai/deployments/dep/chat/completions?api-version=2025-04-01-preview'],
    ['', 'a/b', '/openai/deployments/a%2Fb/chat/completions?api-version=2024-10-21'],
  ])('a base URL that ends in "%s" and the model %s make %s', (basePath, model, path) => {
    expect(resolvePath(azureOpenAi.chat!.path, at(basePath, model), true)).toBe(path);
  });

  it.each([
    ['embeddings', azureOpenAi.embeddings!.path],
    ['images/generations', azureOpenAi.images!.path],
    ['images/edits', azureOpenAi.imageEdits!.path],
    ['completions', azureOpenAi.completions!.path],
    ['audio/transcriptions', azureOpenAi.transcriptions!.path],
    ['audio/translations', azureOpenAi.transcriptions!.translationsPath!],
    ['audio/speech', azureOpenAi.speech!.path],
  ])('%s follow the deployment', (name, path) => {
    expect(resolvePath(path, at('', DATED), false)).toBe(
      `/openai/deployments/dep/${name}?api-version=2025-04-01-preview`,
    );
    expect(resolvePath(path, at('/openai/v1', 'dep'), false)).toBe(`/openai/v1/${name}`);
  });

  it('sends what only Responses serves to the v1 surface, under the name of the deployment', () => {
    const source = JsonSource.of({ model: 'p', messages: [{ role: 'user', content: 'a' }] });
    const request = { source, model: 'p', isStream: false, includeUsage: false, choiceCount: 1 };
    const target = { upstreamModel: 'gpt-5-pro?api-version=2025-04-01-preview', publicModel: 'p' };
    const body = azureOpenAi.chat!.toBody(request, target, {});
    expect(JSON.parse(Buffer.from(body.body).toString())).toMatchObject({
      model: 'gpt-5-pro',
      input: expect.any(Array),
    });
    for (const [basePath, path] of [
      ['', '/openai/v1/responses'],
      ['/openai', '/openai/v1/responses'],
      ['/openai/v1', '/openai/v1/responses'],
    ] as const)
      expect(resolvePath(body.path ?? '', { basePath, target }, false)).toBe(path);
  });

  it('names the deployment without its version in bodies', () => {
    const target = { upstreamModel: DATED, publicModel: 'p' };
    const source = JsonSource.of({ model: 'p', input: 'a' });
    const request = { source, model: 'p', inputCount: 1, encodingFormat: 'float' as const };
    expect(JSON.parse(Buffer.from(azureOpenAi.embeddings!.toBody(request, target).body).toString())).toEqual({
      model: 'dep',
      input: 'a',
    });
  });

  it('sends a key and an Entra token each in its own header, and never both', () => {
    expect(azureOpenAi.auth('0123')).toEqual({ 'api-key': '0123' });
    expect(azureOpenAi.auth('eyJhbGci.eyJhdWQi.c2ln')).toEqual({ authorization: 'Bearer eyJhbGci.eyJhdWQi.c2ln' });
  });
});

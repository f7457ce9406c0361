import type { Declaration } from '../channels/declaration.js';

/** The models of the API document, and one for each operation for which it names none. Prices above zero, so that trying things out shows quota being used. */
const MODELS = [
  { id: 'gpt-4', price: { inputPerMillion: '2.5', outputPerMillion: '10' } },
  { id: 'dall-e-3', price: { perImage: '0.04' } },
  { id: 'text-embedding-3-small', price: { inputPerMillion: '0.02', outputPerMillion: '0' } },
  { id: 'sandbox-video', price: { perVideoSecond: '0.1' } },
  { id: 'gpt-3.5-turbo-instruct', price: { inputPerMillion: '1.5', outputPerMillion: '2' } },
  { id: 'omni-moderation-latest', price: { inputPerMillion: '0', outputPerMillion: '0' } },
  { id: 'tts-1', price: { perMillionCharacters: '15' } },
  { id: 'whisper-1', price: { perAudioSecond: '0.0001' } },
  { id: 'sandbox-rerank', price: { perSearch: '0.002' } },
];

/** The sandbox as a channel like any other. Its address belongs to the process, so the provider knows it, not the row. */
export const SANDBOX_DECLARATION: Declaration = {
  channels: [
    {
      name: 'sandbox',
      provider: 'sandbox',
      allowPrivateNetwork: true,
      priority: 0,
      weight: 1,
      models: new Map(MODELS.map(({ id }) => [id, id])),
    },
  ],
  models: MODELS,
};

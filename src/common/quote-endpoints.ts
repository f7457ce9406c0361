/** Where a request may go whose price is asked for before it is sent, as `POST /api/user/quote` names it. */
export const QUOTE_ENDPOINTS = [
  'chat/completions',
  'messages',
  'responses',
  'embeddings',
  'images/generations',
  'completions',
  'moderations',
  'rerank',
  'audio/speech',
  'audio/transcriptions',
  'audio/translations',
  'video/submit',
  'image/submit',
] as const;

/** One of {@link QUOTE_ENDPOINTS}. */
export type QuoteEndpoint = (typeof QUOTE_ENDPOINTS)[number];

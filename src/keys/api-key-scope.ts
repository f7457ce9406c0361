/** What an API key may be used for: the relay, video jobs, or what its account may read and do of its own. */
export type ApiKeyScope = 'relay' | 'video' | 'user';

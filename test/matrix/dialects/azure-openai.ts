import type { DialectUpstream } from '../dialect-upstream.js';
import { UPSTREAM as OPENAI } from './openai.js';

/** Azure OpenAI by the names of deployments: OpenAI's bodies at other paths. */
export const UPSTREAM: DialectUpstream = { ...OPENAI, provider: 'azure-openai', upstreamModel: 'my-gpt-4o' };

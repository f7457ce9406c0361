import { describeMatrix } from './describe-matrix.js';

// Both upstreams speak OpenAI's format.
describeMatrix('openai', 'openai', ['two channels', 'fallback model', 'nobody']);

import { describeMatrix } from './describe-matrix.js';

// To and from Anthropic's format.
describeMatrix('openai', 'anthropic', ['two channels', 'fallback model', 'nobody']);
describeMatrix('anthropic', 'openai', ['two channels']);

import { describeMatrix } from './describe-matrix.js';

// To and from Gemini's format, and between the two native ones.
describeMatrix('openai', 'gemini', ['two channels']);
describeMatrix('gemini', 'openai', ['two channels', 'nobody']);
describeMatrix('anthropic', 'gemini', ['fallback model']);

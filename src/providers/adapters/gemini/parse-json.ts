import { isHtml } from '../openai-compatible/errors.js';
import { invalid } from '../openai-compatible/parse-answer.js';

/**
 * Parses an upstream body.
 * @throws ProviderError `invalid_response` when it is not JSON.
 */
export function parseJson(body: Uint8Array): unknown {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    throw invalid(
      isHtml(text)
        ? 'The upstream answered with a web page instead of JSON.'
        : 'The upstream answer is not valid JSON.',
      error,
    );
  }
}

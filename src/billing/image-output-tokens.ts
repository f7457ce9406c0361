/**
 * Tokens that one picture of a model priced by tokens takes: OpenAI's table for gpt-image-1 (1024x1024 low 272, medium 1056,
 * high 4160; portrait 408, 1584, 6240; landscape 400, 1568, 6208). Larger pictures and other models are bounded by its dearest
 * row. https://platform.openai.com/docs/guides/image-generation
 */
const TOKENS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '1024x1024': { low: 272, medium: 1056, high: 4160 },
  '1024x1536': { low: 408, medium: 1584, high: 6240 },
  '1536x1024': { low: 400, medium: 1568, high: 6208 },
};
const TOKENS_MAX = 6240;

/** Bounds the output tokens of one picture, from the size and quality that were asked for. */
export function imageOutputTokens(size: string | undefined, quality: string | undefined): number {
  return TOKENS[size ?? '']?.[quality ?? ''] ?? TOKENS_MAX;
}

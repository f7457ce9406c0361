import { bareName } from './model-family.js';

/** Width and height in pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** What a picture counts as when its size is not known, as with a link. */
export const ASSUMED_SIZE: PixelSize = { width: 1024, height: 1024 };

/** Tokens of a picture in a prompt. `isLow` is true for OpenAI's `detail: "low"`. */
type ImageRule = (size: PixelSize, isLow: boolean) => number;

/**
 * By model, the first match counts. From the vendors' guides and measurements of 2025 and 2026; approximations, good for
 * setting money aside.
 */
const RULES: readonly (readonly [pattern: RegExp, rule: ImageRule])[] = [
  [/^gpt-4o-mini/, tiles(2833, 5667)],
  [/^gpt-4\.1-mini/, patches(1.62, 1536)],
  [/^gpt-4\.1-nano/, patches(2.46, 1536)],
  [/^o4-mini/, patches(1.72, 1536)],
  [/^gpt-5-mini/, patches(1.62, 1536)],
  [/^gpt-5-nano/, patches(2.46, 1536)],
  [/^gpt-(5\.[2-9]|[6-9])/, patches(1.2, 12_000)],
  [/^gpt-5/, tiles(70, 140)],
  [/^o[13]/, tiles(75, 150)],
  [/claude.*haiku/, area(1568, 1660)],
  [/claude.*(opus-4-[7-9]|opus-4\.[7-9]|(opus|sonnet|fable)-[5-9])/, area(2576, 4800)],
  [/claude/, area(1568, 1600)],
  [/gemini-[12]\./, geminiTiles],
  [/gemini/, () => 1120],
  [/deepseek/, (size) => Math.min(1024, area(1300, 1024)(size, false))],
];

/** As gpt-4o: also for vendors whose rule is not known. */
const USUAL = tiles(85, 170);

/** Tokens of one picture in a chat prompt; `size` undefined counts as {@link ASSUMED_SIZE}. */
export function imageTokens(model: string, size: PixelSize | undefined, isLow: boolean): number {
  const name = bareName(model);
  const rule = RULES.find(([pattern]) => pattern.test(name))?.[1] ?? USUAL;
  return rule(size ?? ASSUMED_SIZE, isLow);
}

/** OpenAI's tiles of 512 pixels, after fitting into 2048 and shrinking the short side to 768. */
function tiles(base: number, perTile: number): ImageRule {
  return (size, isLow) => {
    if (isLow) return base;
    const fitted = within(size, 2048);
    const scale = Math.min(1, 768 / Math.min(fitted.width, fitted.height));
    const across = Math.ceil((fitted.width * scale) / 512);
    const down = Math.ceil((fitted.height * scale) / 512);
    return base + across * down * perTile;
  };
}

/** OpenAI's patches of 32 pixels, at most `max` of them, times a factor. */
function patches(factor: number, max: number): ImageRule {
  return (size, isLow) => {
    const { width, height } = isLow ? within(size, 512) : size;
    return Math.ceil(Math.min(max, Math.ceil(width / 32) * Math.ceil(height / 32)) * factor);
  };
}

/** Anthropic's one token for 750 pixels, after fitting the long side into `side`. */
function area(side: number, max: number): ImageRule {
  return (size) => {
    const { width, height } = within(size, side);
    return Math.min(max, Math.ceil((width * height) / 750));
  };
}

/** Gemini 2: 258 tokens for a small picture, or for each tile of 768 pixels. */
function geminiTiles({ width, height }: PixelSize): number {
  if (width <= 384 && height <= 384) return 258;
  return Math.ceil(width / 768) * Math.ceil(height / 768) * 258;
}

function within({ width, height }: PixelSize, side: number): PixelSize {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: width * scale, height: height * scale };
}

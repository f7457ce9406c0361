import type { StreamFraming } from '../../src/providers/provider.js';

/** A JSON object as it came. */
export type Wire = Readonly<Record<string, unknown>>;

/** One thing that a conversation says. A picture is its base64 text. */
export type Heard =
  | { readonly by: 'system' | 'user' | 'assistant'; readonly text: string }
  | { readonly by: 'user'; readonly picture: string }
  | { readonly by: 'assistant'; readonly calls: string; readonly with: unknown }
  | { readonly by: 'tool'; readonly text: string; readonly for: string };

/** What the model says. */
export interface ModelAnswer {
  readonly text: string;
  readonly thoughts: string;
  readonly calls: readonly { readonly name: string; readonly arguments: Wire }[];
  /** The cap was reached. */
  readonly isCut: boolean;
  /** What it reports to have consumed. */
  readonly tokens: { readonly input: number; readonly output: number };
}

/** A vendor's chat as values: what it takes, what it understands and what it sends. Written from the vendor's documents. */
export interface SimulatedChat {
  readonly framing: StreamFraming;
  /** What the model hears. @throws Error in the vendor's words for what it would refuse. */
  hear(body: Wire): readonly Heard[];
  /** A whole answer as text. */
  whole(answer: ModelAnswer): string;
  /** A stream as text. */
  stream(answer: ModelAnswer): string;
}

export function isWire(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws Error when it is another thing. */
export function wireOf(value: unknown, what: string): Wire {
  if (!isWire(value)) throw new Error(`${what} must be an object`);
  return value;
}

/** @throws Error when it is no text, or an empty one. */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${what} must be a non-empty string`);
  return value;
}

/** @throws Error for a member that the vendor does not know. */
export function refuseUnknown(body: Wire, known: readonly string[]): void {
  for (const name of Object.keys(body)) {
    if (!known.includes(name)) throw new Error(`unknown field: parameter '${name}' is not a valid field`);
  }
}

/** Cuts a text into pieces of at most so many characters, as models speak. */
export function pieces(text: string, size = 3): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
}

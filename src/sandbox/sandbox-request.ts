import type { IncomingHttpHeaders } from 'node:http';
import { SandboxError } from './sandbox-error.js';
import type { VideoEnd } from './video/video-id.js';
import type { VideoMemory } from './video/video-memory.js';

/** Fixed parts of an answer; empty in the product, filled by the fault switches of the tests. */
export interface AnswerScript {
  /** The assistant's text. */
  readonly text?: string;
  /** Number of one-word tokens to answer with. */
  readonly tokenCount?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** `none` leaves usage out; an object is sent as it is. */
  readonly usage?: 'none' | Readonly<Record<string, unknown>>;
  /** Service tier to report; `none` leaves it out. */
  readonly tier?: string;
  /** Number of pictures, whatever was asked for. */
  readonly imageCount?: number;
  /** Answers as a stream (true) or as JSON (false), whatever was asked for. */
  readonly isStream?: boolean;
  /** How long a video takes, in milliseconds. */
  readonly videoWorkMs?: number;
  /** How a video ends. */
  readonly videoEnd?: VideoEnd;
}

/** A request as the endpoints see it. */
export interface SandboxRequest {
  readonly method: string;
  /** Path without query, such as `/v1/models`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Scheme, host and port of this server, for links to itself. */
  readonly origin: string;
  /** True when every model name is accepted. */
  readonly acceptsAnyModel: boolean;
  readonly videos: VideoMemory;
  readonly script: AnswerScript;
}

/** A JSON object that was not checked further. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for an object that is neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses the body as a JSON object, or refuses it the way OpenAI does. */
export function readJsonBody(request: SandboxRequest): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new SandboxError(400, 'We could not parse the JSON body of your request. Send a JSON object.');
  }
  if (!isJsonObject(value)) throw new SandboxError(400, 'The request body must be a JSON object.');
  return value;
}

/** Reads an optional number within bounds; null counts as absent. */
export function readNumber(body: JsonObject, name: string, min: number, max: number): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || value < min || value > max) {
    throw new SandboxError(400, `Invalid value for '${name}': expected a number from ${min} to ${max}.`, name);
  }
  return value;
}

/** As {@link readNumber}, for whole numbers. */
export function readInteger(body: JsonObject, name: string, min: number, max: number): number | undefined {
  const value = readNumber(body, name, min, max);
  if (value !== undefined && !Number.isInteger(value)) {
    throw new SandboxError(400, `Invalid type for '${name}': expected an integer.`, name);
  }
  return value;
}

/** Reads an optional boolean; null counts as absent. */
export function readBoolean(body: JsonObject, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw new SandboxError(400, `Invalid type for '${name}': expected a boolean.`, name);
  return value;
}

/** Reads an optional string that must be one of a list; null counts as absent. */
export function readChoice(body: JsonObject, name: string, choices: readonly string[]): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || !choices.includes(value)) {
    throw new SandboxError(400, `Invalid value for '${name}': expected one of ${choices.join(', ')}.`, name);
  }
  return value;
}

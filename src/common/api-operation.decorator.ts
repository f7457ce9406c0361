import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Metadata key under which a handler carries its {@link ApiOperationSpec}. */
export const API_OPERATION = 'hub:apiOperation';
/** Metadata key under which a handler carries the reason why it is not part of the API document. */
export const API_UNDOCUMENTED = 'hub:apiUndocumented';

/** A text in both languages of the reference page. Plain text; `code` between backticks is set in monospace. */
export interface LocalizedText {
  readonly en: string;
  readonly zh: string;
}

/** A JSON Schema 2020-12 object. `x-description-zh` beside `description` carries the Chinese text. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One query, path or header parameter. */
export interface ApiParameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  /** Path parameters are always required, whatever stands here. */
  readonly required?: boolean;
  readonly description: LocalizedText;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

/**
 * A named example value; for a body that is not JSON, the text as it goes over the wire. `{origin}` in its texts stands for the
 * public URL.
 */
export interface ApiExample {
  readonly name: string;
  readonly summary: LocalizedText;
  readonly value: unknown;
}

/** One representation of a body. */
export interface ApiContent {
  /** For example `application/json`. */
  readonly type: string;
  readonly schema: JsonSchema;
  readonly examples?: readonly ApiExample[];
}

/** One header of an answer. */
export interface ApiHeader {
  readonly description: LocalizedText;
  readonly schema: JsonSchema;
}

/** What an endpoint answers with one status. */
export interface ApiResponse {
  readonly description: LocalizedText;
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, ApiHeader>>;
  readonly content?: readonly ApiContent[];
}

/** Groups of the reference page, in the order in which they are shown. */
export const API_TAGS = [
  'video',
  'models',
  'chat',
  'messages',
  'images',
  'embeddings',
  'audio',
  'webhooks',
  'account',
  'service',
] as const;
/** One of {@link API_TAGS}. */
export type ApiTag = (typeof API_TAGS)[number];

/** Everything the API document says about one endpoint. Path and method come from the handler's route. */
export interface ApiOperationSpec {
  /** Unique over the whole API, camelCase. Client generators name their functions after it. */
  readonly id: string;
  readonly tag: ApiTag;
  readonly summary: LocalizedText;
  readonly description?: LocalizedText;
  readonly auth: 'apiKey' | 'none';
  readonly parameters?: readonly ApiParameter[];
  readonly body?: { readonly description?: LocalizedText; readonly content: readonly ApiContent[] };
  /** By HTTP status. */
  readonly responses: Readonly<Record<number, ApiResponse>>;
  /** A shell command that works when pasted; `{origin}` and `{key}` stand for the public URL and an API key. */
  readonly curl: string;
}

/** Puts a handler into the API document and onto the reference page. */
export const ApiOperation = (operation: ApiOperationSpec): CustomDecorator => SetMetadata(API_OPERATION, operation);

/**
 * Keeps a handler out of the API document on purpose (a catch-all that answers 404, for example).
 * @param reason why a caller need not know the route
 */
export const ApiUndocumented = (reason: string): CustomDecorator => SetMetadata(API_UNDOCUMENTED, reason);

import type { JsonSchema } from '../../common/api-operation.decorator.js';

/** A node with a summary or description in English and, beside it, in Chinese. */
export interface LocalizedNode {
  summary?: string;
  'x-summary-zh'?: string;
  description?: string;
  'x-description-zh'?: string;
}

export interface OpenApiExample extends LocalizedNode {
  value: unknown;
}

export interface OpenApiContent {
  schema: JsonSchema;
  examples?: Record<string, OpenApiExample>;
}

export interface OpenApiParameter extends LocalizedNode {
  name: string;
  in: 'query' | 'path' | 'header';
  required: boolean;
  schema: JsonSchema;
  example?: unknown;
}

export interface OpenApiHeader extends LocalizedNode {
  schema: JsonSchema;
}

export interface OpenApiResponse extends LocalizedNode {
  description: string;
  headers?: Record<string, OpenApiHeader>;
  content?: Record<string, OpenApiContent>;
}

export interface OpenApiOperation extends LocalizedNode {
  operationId: string;
  tags: string[];
  summary: string;
  /** An empty list means that no key is needed. */
  security: Record<string, string[]>[];
  parameters?: OpenApiParameter[];
  requestBody?: LocalizedNode & { required: boolean; content: Record<string, OpenApiContent> };
  responses: Record<string, OpenApiResponse>;
  'x-codeSamples': { lang: string; label: string; source: string }[];
}

export type OpenApiMethod = 'get' | 'put' | 'post' | 'delete' | 'patch' | 'head' | 'options';

/** The part of OpenAPI 3.1 that the hub writes. `x-…-zh` keys carry the Chinese texts. */
export interface OpenApiDocument {
  openapi: '3.1.0';
  info: LocalizedNode & { title: string; version: string; license: { name: string; identifier: string } };
  jsonSchemaDialect: string;
  servers: { url: string }[];
  tags: (LocalizedNode & { name: string; 'x-displayName': string; 'x-displayName-zh': string })[];
  paths: Record<string, Partial<Record<OpenApiMethod, OpenApiOperation>>>;
  components: {
    securitySchemes: Record<string, LocalizedNode & { type: 'http'; scheme: 'bearer' }>;
    schemas: Record<string, JsonSchema>;
  };
}

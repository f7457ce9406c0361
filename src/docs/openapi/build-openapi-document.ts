import {
  API_TAGS,
  type ApiContent,
  type ApiHeader,
  type ApiOperationSpec,
  type ApiTag,
  type JsonSchema,
  type LocalizedText,
} from '../../common/api-operation.decorator.js';
import { SCHEMA_PREFIX } from '../schemas/schema-helpers.js';
import { schemas } from '../schemas/schemas.js';
import type {
  LocalizedNode,
  OpenApiContent,
  OpenApiDocument,
  OpenApiHeader,
  OpenApiMethod,
  OpenApiOperation,
} from './openapi-document.js';
import { pathTemplate } from './path-template.js';
import type { ServedRoute } from './route-explorer.js';

/** Stands for an API key in every sample; the reference page puts the reader's own key in its place. */
export const KEY_PLACEHOLDER = 'sk_live_xxxxxxxxxxxxxx';

const SECURITY_SCHEME = 'apiKey';
const METHODS: readonly string[] = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

const TAG_NAMES: Readonly<Record<ApiTag, LocalizedText>> = {
  video: { en: 'Video', zh: '视频' },
  models: { en: 'Models', zh: '模型' },
  chat: { en: 'Chat', zh: '聊天' },
  messages: { en: 'Messages (Anthropic)', zh: '消息（Anthropic）' },
  images: { en: 'Images', zh: '图片' },
  embeddings: { en: 'Embeddings', zh: '嵌入' },
  audio: { en: 'Sound', zh: '语音' },
  webhooks: { en: 'Webhooks', zh: 'Webhook 通知' },
  account: { en: 'Account', zh: '账户' },
  service: { en: 'Service', zh: '服务' },
};

const TITLE = 'UG AI Hub API';
const DESCRIPTION: LocalizedText = {
  en: 'One API gateway for video, image, audio and text generation, in the formats of OpenAI and Anthropic. A single interface reaches many AI providers, with automatic routing, rate limiting and usage statistics.',
  zh: '统一视频 / 图像 / 文本生成 API 网关。通过一个接口接入多家 AI Provider,自动路由、限流、用量统计。支持 OpenAI 与 Anthropic 两种格式,并提供语音接口。',
};
const AUTHENTICATION: LocalizedText = {
  en: 'Send your API key as `Authorization: Bearer sk_live_...`, or, below `/api/relay/anthropic`, as `x-api-key`.',
  zh: '在请求头带上 API Key:`Authorization: Bearer sk_live_...`;`/api/relay/anthropic` 下也可用 `x-api-key`。',
};

/**
 * Builds the API document from the routes that carry an operation.
 * @param routes as {@link ServedRoute}s; those without an operation are left out
 * @param publicUrl where callers reach the hub, without a trailing slash
 * @param version of the hub
 * @throws Error when two routes claim one operation, or a schema refers to one that does not exist
 */
export function buildOpenApiDocument(
  routes: readonly ServedRoute[],
  publicUrl: string,
  version: string,
): OpenApiDocument {
  const { paths, tags } = pathsOf(routes, publicUrl);
  return {
    openapi: '3.1.0',
    info: {
      title: TITLE,
      version,
      ...inBoth('description', DESCRIPTION),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: publicUrl }],
    tags: API_TAGS.filter((tag) => tags.has(tag)).map((tag) => ({
      name: tag,
      'x-displayName': TAG_NAMES[tag].en,
      'x-displayName-zh': TAG_NAMES[tag].zh,
    })),
    paths,
    components: {
      securitySchemes: {
        [SECURITY_SCHEME]: { type: 'http', scheme: 'bearer', ...inBoth('description', AUTHENTICATION) },
      },
      schemas: reachableSchemas(paths),
    },
  };
}

function pathsOf(routes: readonly ServedRoute[], publicUrl: string) {
  const paths: OpenApiDocument['paths'] = {};
  const placeById = new Map<string, string>();
  const tags = new Set<ApiTag>();
  const documented = routes
    .flatMap(({ operation, ...route }) => (operation ? [{ ...route, operation }] : []))
    .toSorted((a, b) => API_TAGS.indexOf(a.operation.tag) - API_TAGS.indexOf(b.operation.tag));
  for (const { operation, ...route } of documented) {
    const path = pathTemplate(route.path, operation);
    const method = methodOf(route);
    const place = `${method} ${path}`;
    // Two spellings of one route (`:id` and `*`) are one place in the document.
    if (placeById.get(operation.id) === place) continue;
    const item = paths[path] ?? {};
    paths[path] = item;
    if (placeById.has(operation.id) || item[method]) {
      throw new Error(`${route.handler}: the API document already has ${operation.id} or ${place}`);
    }
    placeById.set(operation.id, place);
    tags.add(operation.tag);
    item[method] = toOpenApi(operation, publicUrl);
  }
  return { paths, tags };
}

function methodOf(route: Pick<ServedRoute, 'method' | 'handler'>): OpenApiMethod {
  const method = route.method.toLowerCase();
  if (!isMethod(method)) throw new Error(`${route.handler}: OpenAPI has no word for the method ${route.method}`);
  return method;
}

function isMethod(method: string): method is OpenApiMethod {
  return METHODS.includes(method);
}

function toOpenApi(operation: ApiOperationSpec, publicUrl: string): OpenApiOperation {
  const { body } = operation;
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary.en,
    'x-summary-zh': operation.summary.zh,
    ...inBoth('description', operation.description),
    security: operation.auth === 'apiKey' ? [{ [SECURITY_SCHEME]: [] }] : [],
    parameters: operation.parameters?.map((parameter) => ({
      name: parameter.name,
      in: parameter.in,
      required: parameter.in === 'path' || parameter.required === true,
      ...inBoth('description', parameter.description),
      schema: parameter.schema,
      example: parameter.example,
    })),
    requestBody: body && {
      ...inBoth('description', body.description),
      required: true,
      content: contentOf(body.content, publicUrl),
    },
    responses: Object.fromEntries(
      Object.entries(operation.responses).map(([status, { description, headers, content }]) => [
        status,
        {
          description: description.en,
          'x-description-zh': description.zh,
          headers: headers && headersOf(headers),
          content: content && contentOf(content, publicUrl),
        },
      ]),
    ),
    'x-codeSamples': [
      {
        lang: 'Shell',
        label: 'curl',
        source: operation.curl.replaceAll('{origin}', publicUrl).replaceAll('{key}', KEY_PLACEHOLDER),
      },
    ],
  };
}

function headersOf(headers: Readonly<Record<string, ApiHeader>>): Record<string, OpenApiHeader> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, { description, schema }]) => [
      name,
      { ...inBoth('description', description), schema },
    ]),
  );
}

function contentOf(contents: readonly ApiContent[], publicUrl: string): Record<string, OpenApiContent> {
  return Object.fromEntries(
    contents.map(({ type, schema, examples }) => [
      type,
      {
        schema,
        examples:
          examples &&
          Object.fromEntries(
            examples.map(({ name, summary, value }) => [
              name,
              { ...inBoth('summary', summary), value: withOrigin(value, publicUrl) },
            ]),
          ),
      },
    ]),
  );
}

/** An example with the public URL where `{origin}` stands in its texts. */
function withOrigin(value: unknown, publicUrl: string): unknown {
  if (typeof value === 'string') return value.replaceAll('{origin}', publicUrl);
  if (Array.isArray(value)) return value.map((item) => withOrigin(item, publicUrl));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withOrigin(item, publicUrl)]));
}

function inBoth(key: 'summary' | 'description', text: LocalizedText | undefined): LocalizedNode {
  return text ? { [key]: text.en, [`x-${key}-zh`]: text.zh } : {};
}

/** The shared schemas that `paths` refers to, directly or through other schemas, in their declared order. */
function reachableSchemas(paths: OpenApiDocument['paths']): Record<string, JsonSchema> {
  const found = new Set<string>();
  const pending: unknown[] = [paths];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const name of referencedNames(node)) {
      const schema = schemas[name];
      if (!schema) throw new Error(`no schema is called ${name}`);
      if (found.has(name)) continue;
      found.add(name);
      pending.push(schema);
    }
  }
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => found.has(name)));
}

function referencedNames(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' && value.startsWith(SCHEMA_PREFIX)
      ? [value.slice(SCHEMA_PREFIX.length)]
      : referencedNames(value),
  );
}

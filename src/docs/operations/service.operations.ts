import type { ApiContent, ApiOperationSpec, LocalizedText } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { restErrors } from './responses.js';

const json = (schemaName: string, summary: LocalizedText, value: unknown): readonly ApiContent[] => [
  { type: 'application/json', schema: ref(schemaName), examples: [{ name: 'example', summary, value }] },
];
const HEALTHY: LocalizedText = { en: 'Healthy', zh: '健康' };
const UNHEALTHY: LocalizedText = { en: 'Database down', zh: '数据库不可用' };

/** `GET /api/health` */
export const healthOperation: ApiOperationSpec = {
  id: 'getHealth',
  tag: 'service',
  summary: { en: 'Health check (no key needed)', zh: '健康检查（无需认证）' },
  auth: 'none',
  responses: {
    200: {
      description: { en: 'Everything needed is there.', zh: '依赖项正常。' },
      content: json('Health', HEALTHY, { status: 'ok', checks: { db: 'ok', redis: 'ok' } }),
    },
    503: {
      description: { en: 'Something needed is missing.', zh: '有依赖项不可用。' },
      content: json('Health', UNHEALTHY, { status: 'error', checks: { db: 'error', redis: 'ok' } }),
    },
    ...restErrors(429, 500),
  },
  curl: 'curl {origin}/api/health',
};

/** `GET /api/health/live` */
export const livenessOperation: ApiOperationSpec = {
  id: 'getLiveness',
  tag: 'service',
  summary: { en: 'Liveness probe: the process answers', zh: '存活探针：进程可响应' },
  auth: 'none',
  responses: {
    200: {
      description: { en: 'The process answers.', zh: '进程可响应。' },
      content: json('Probe', HEALTHY, { status: 'ok' }),
    },
    ...restErrors(500),
  },
  curl: 'curl {origin}/api/health/live',
};

/** `GET /api/health/ready` */
export const readinessOperation: ApiOperationSpec = {
  id: 'getReadiness',
  tag: 'service',
  summary: { en: 'Readiness probe: send traffic here or not', zh: '就绪探针：是否可接收流量' },
  description: {
    en: 'Not ready while the database is down, and from the moment a shutdown begins.',
    zh: '数据库不可用时，以及开始停机后，返回未就绪。',
  },
  auth: 'none',
  responses: {
    200: {
      description: { en: 'Ready.', zh: '已就绪。' },
      content: json('Health', HEALTHY, { status: 'ok', checks: { db: 'ok', redis: 'ok' } }),
    },
    503: {
      description: { en: 'Not ready.', zh: '未就绪。' },
      content: json(
        'Health',
        { en: 'Shutting down', zh: '正在停机' },
        { status: 'error', checks: { db: 'ok', redis: 'ok' } },
      ),
    },
    ...restErrors(500),
  },
  curl: 'curl {origin}/api/health/ready',
};

/** `GET /api/openapi.json` */
export const openApiOperation: ApiOperationSpec = {
  id: 'getOpenApiDocument',
  tag: 'service',
  summary: { en: 'This API as an OpenAPI 3.1 document', zh: '本 API 的 OpenAPI 3.1 文档' },
  auth: 'none',
  responses: {
    200: {
      description: { en: 'The document.', zh: 'OpenAPI 文档。' },
      content: [
        {
          type: 'application/json',
          schema: {
            type: 'object',
            required: ['openapi', 'info', 'paths'],
            properties: { openapi: { type: 'string' }, info: { type: 'object' }, paths: { type: 'object' } },
          },
        },
      ],
    },
    ...restErrors(429, 500),
  },
  curl: 'curl {origin}/api/openapi.json',
};

import type { ApiOperationSpec } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { eventStream } from './event-stream.js';
import { generationErrors, ROUTE_HEADERS } from './responses.js';

/** @param prefix of the names of the events. */
const success = (prefix: 'image_generation' | 'image_edit') => ({
  description: { en: 'The pictures, whole or as a stream.', zh: '生成的图片，完整返回或流式返回。' },
  headers: ROUTE_HEADERS,
  content: [
    {
      type: 'application/json',
      schema: ref('ImagesResponse'),
      examples: [
        {
          name: 'url',
          summary: { en: 'One picture', zh: '一张图片' },
          value: { created: 1767000000, data: [{ url: 'https://...' }] },
        },
      ],
    },
    eventStream(
      [{ type: 'object', required: ['type'], properties: { type: { type: 'string' } } }, ref('OpenAiError')],
      {
        en: `Events \`${prefix}.partial_image\` and \`${prefix}.completed\` of the provider, of models that can stream.`,
        zh: `支持流式的模型返回上游的 \`${prefix}.partial_image\` 与 \`${prefix}.completed\` 事件。`,
      },
      {
        summary: { en: 'With `stream: true`', zh: '`stream: true` 时' },
        value: `event: ${prefix}.completed\ndata: {"type":"${prefix}.completed","b64_json":"..."}\n\n`,
      },
    ),
  ],
});

/** `POST /api/relay/v1/images/generations` */
export const imageGenerationsOperation: ApiOperationSpec = {
  id: 'createImage',
  tag: 'images',
  summary: { en: 'Generate images (OpenAI-compatible)', zh: '图片生成（OpenAI 兼容）' },
  auth: 'apiKey',
  body: {
    content: [
      {
        type: 'application/json',
        schema: ref('ImagesRequest'),
        examples: [
          {
            name: 'simple',
            summary: { en: 'One picture', zh: '一张图片' },
            value: {
              model: 'dall-e-3',
              prompt: 'a cute cat sitting on a windowsill',
              n: 1,
              size: '1024x1024',
            },
          },
        ],
      },
    ],
  },
  responses: { 200: success('image_generation'), ...generationErrors },
  curl: `curl -X POST {origin}/api/relay/v1/images/generations \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"dall-e-3","prompt":"a cute cat","n":1}'`,
};

/** `POST /api/relay/v1/images/edits` */
export const imageEditsOperation: ApiOperationSpec = {
  id: 'createImageEdit',
  tag: 'images',
  summary: { en: 'Edit an image (OpenAI-compatible)', zh: '图片编辑（OpenAI 兼容）' },
  description: {
    en: 'A multipart form. Files are passed on while they arrive.',
    zh: '使用 multipart 表单；文件边接收边转发。',
  },
  auth: 'apiKey',
  body: { content: [{ type: 'multipart/form-data', schema: ref('ImageEditRequest') }] },
  responses: { 200: success('image_edit'), ...generationErrors },
  curl: `curl -X POST {origin}/api/relay/v1/images/edits \\
  -H "Authorization: Bearer {key}" \\
  -F model=dall-e-3 \\
  -F image=@cat.png \\
  -F "prompt=add a red hat"`,
};

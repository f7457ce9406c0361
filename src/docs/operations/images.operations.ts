import type { ApiOperationSpec } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { generationErrors } from './responses.js';

const success = {
  description: { en: 'The pictures.', zh: '生成的图片。' },
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
  ],
};

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
  responses: { 200: success, ...generationErrors },
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
  responses: { 200: success, ...generationErrors },
  curl: `curl -X POST {origin}/api/relay/v1/images/edits \\
  -H "Authorization: Bearer {key}" \\
  -F model=dall-e-3 \\
  -F image=@cat.png \\
  -F "prompt=add a red hat"`,
};

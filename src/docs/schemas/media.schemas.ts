import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { boolean, choice, described, integer, ref, text } from './schema-helpers.js';

const model = text('A model id from `GET /api/relay/v1/models`.', '`GET /api/relay/v1/models` 返回的模型 id。');
const imageCount = { minimum: 1, maximum: 10, default: 1 };
const tokenList: JsonSchema = { type: 'array', minItems: 1, items: { type: 'integer' } };
/** OpenAI's request fields that image generations and edits share. */
const imageFields: Readonly<Record<string, JsonSchema>> = {
  size: text('Width and height, such as `1024x1024`.', '图片尺寸，例如 `1024x1024`。'),
  quality: text('Depends on the model, such as `standard` or `high`.', '取决于模型，例如 `standard` 或 `high`。'),
  response_format: choice(['url', 'b64_json'], 'How the pictures come back.', '图片返回方式：地址或 Base64。'),
  stream: boolean('`true` for an event stream, of models that can.', '为 `true` 时返回事件流（模型支持时）。'),
  user: text('Your own name for the end user.', '你方的终端用户标识。'),
};

/** Schemas of `/embeddings` and `/images/*`. */
export const mediaSchemas: Readonly<Record<string, JsonSchema>> = {
  EmbeddingsRequest: {
    type: 'object',
    required: ['model', 'input'],
    properties: {
      model,
      input: described(
        {
          anyOf: [
            { type: 'string', minLength: 1 },
            { type: 'array', minItems: 1, items: { type: 'string' } },
            tokenList,
            { type: 'array', minItems: 1, items: tokenList },
          ],
        },
        'A text, a list of texts, or the same as token numbers.',
        '文本、文本列表，或对应的 token 编号。',
      ),
      encoding_format: choice(
        ['float', 'base64'],
        '`base64` is packed little-endian float32. The official SDKs ask for it by themselves and decode it.',
        '`base64` 为小端 float32 打包；官方 SDK 默认使用并自动解码。',
        { default: 'float' },
      ),
      dimensions: integer('Length of the vectors, where the model can choose.', '向量维度（模型支持时）。', {
        minimum: 1,
      }),
      user: text('Your own name for the end user.', '你方的终端用户标识。'),
    },
  },
  EmbeddingsResponse: {
    type: 'object',
    required: ['object', 'data', 'model'],
    properties: {
      object: { const: 'list' },
      data: {
        type: 'array',
        items: {
          type: 'object',
          required: ['object', 'index', 'embedding'],
          properties: {
            object: { const: 'embedding' },
            index: { type: 'integer' },
            embedding: { anyOf: [{ type: 'array', items: { type: 'number' } }, { type: 'string' }] },
          },
        },
      },
      model: { type: 'string' },
      usage: {
        type: 'object',
        properties: { prompt_tokens: { type: 'integer' }, total_tokens: { type: 'integer' } },
      },
    },
  },
  ImagesRequest: {
    type: 'object',
    required: ['model', 'prompt'],
    properties: {
      model,
      prompt: text('What the picture shows.', '画面描述。'),
      n: integer('How many pictures.', '图片数量。', imageCount),
      ...imageFields,
    },
    additionalProperties: true,
    description: 'Every other field of the OpenAI request is passed on to the provider unchanged.',
    'x-description-zh': 'OpenAI 请求中的其他字段会原样转发给上游。',
  },
  ImageEditRequest: {
    type: 'object',
    required: ['model', 'prompt', 'image'],
    properties: {
      model,
      prompt: text('What to change.', '编辑要求。'),
      image: described(
        { type: 'string', contentMediaType: 'application/octet-stream' },
        'The picture file. Several files: repeat the part as `image[]`.',
        '原图文件；多张图片时重复使用 `image[]`。',
      ),
      mask: described(
        { type: 'string', contentMediaType: 'application/octet-stream' },
        'A PNG whose transparent parts mark what to change.',
        'PNG 蒙版，透明区域为需要编辑的部分。',
      ),
      n: integer('How many pictures.', '图片数量。', imageCount),
      ...imageFields,
    },
    additionalProperties: true,
  },
  ImagesResponse: {
    type: 'object',
    required: ['data'],
    properties: {
      created: integer('Unix time in seconds.', 'Unix 时间戳（秒）。'),
      data: { type: 'array', items: ref('Image') },
      usage: { type: 'object' },
    },
  },
  Image: {
    type: 'object',
    properties: {
      url: text('Where the picture can be fetched for a while.', '图片地址，有效期有限。'),
      b64_json: text('The file in base64.', 'Base64 编码的图片文件。'),
      revised_prompt: text('The prompt as the model rewrote it.', '模型改写后的提示词。'),
    },
  },
};

import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { boolean, choice, described, integer, ref, text } from './schema-helpers.js';

const list = (items: JsonSchema, en: string, zh: string): JsonSchema => described({ type: 'array', items }, en, zh);
const names = (en: string, zh: string): JsonSchema => list({ type: 'string' }, en, zh);
const credits = (en: string, zh: string): JsonSchema =>
  text(`${en} A decimal string of credits.`, `${zh}以 credit 计的十进制字符串。`);

const rates: Readonly<Record<string, JsonSchema>> = {
  input_per_million: credits('A million prompt tokens.', '每百万输入 token，'),
  cached_input_per_million: credits('A million prompt tokens read from a cache.', '每百万缓存命中的输入 token，'),
  cache_write_per_million: credits('A million prompt tokens written to a cache.', '每百万写入缓存的输入 token，'),
  output_per_million: credits('A million output tokens.', '每百万输出 token，'),
  reasoning_per_million: credits('A million output tokens of reasoning.', '每百万推理输出 token，'),
};

const tiers = list(
  {
    type: 'object',
    required: ['above_input_tokens', ...Object.keys(rates)],
    properties: {
      above_input_tokens: integer('For prompts longer than that.', '适用于超过该长度的输入。'),
      ...rates,
    },
  },
  'Rates of the whole request once its prompt is longer; longest first.',
  '输入超过阈值后整个请求适用的价格；阈值大者在前。',
);

/** What the model list says beyond OpenAI's own members. */
export const modelSchemas: Readonly<Record<string, JsonSchema>> = {
  ModelHub: described(
    {
      type: 'object',
      required: ['capabilities', 'prices'],
      properties: {
        type: choice(
          ['chat', 'completion', 'embedding', 'image', 'video', 'transcription', 'speech', 'moderation', 'rerank'],
          'What the model is for; left out where that is none of these.',
          '模型用途；不属于其中任何一类时省略。',
        ),
        capabilities: ref('ModelCapabilities'),
        prices: {
          oneOf: [ref('ModelPrices'), { type: 'null' }],
          description: 'What your account pays; null while the model has no price and cannot be used.',
          'x-description-zh': '你的账户所付的价格；模型尚未定价（不可用）时为 null。',
        },
        prices_vary: boolean(
          'Present when some channels of the model have another price; those shown are of the first choice.',
          '该模型的部分渠道价格不同时出现；所列为首选渠道的价格。',
        ),
        fallbacks: names(
          'Models that may serve a request when this one cannot; the one that did is charged, and named in `x-hub-model`.',
          '该模型无法服务时可能代为应答的模型；按实际应答的模型计费，其名称见 `x-hub-model`。',
        ),
      },
    },
    'What the hub knows of the model; OpenAI clients pass over it.',
    'Hub 所知的模型信息；OpenAI 客户端会忽略此字段。',
  ),
  ModelCapabilities: described(
    {
      type: 'object',
      properties: {
        context_tokens: integer('Prompt and answer together.', '上下文窗口：输入与输出合计。'),
        output_tokens_max: integer('The longest answer.', '最大输出 token 数。'),
        tools: boolean('Calls functions.', '支持函数调用。'),
        vision: boolean('Takes pictures.', '支持图片输入。'),
        audio_input: boolean('Takes sound.', '支持音频输入。'),
        file_input: boolean('Takes files such as PDF.', '支持 PDF 等文件输入。'),
        json_schema: boolean('Answers in the shape of a schema.', '支持按 JSON Schema 输出。'),
        reasoning: boolean('Reasons; `reasoning_effort` means something to it.', '支持推理，`reasoning_effort` 有效。'),
        choices: boolean('Gives several choices (`n`).', '支持一次返回多个结果（`n`）。'),
        image_sizes: names('Sizes of pictures it makes.', '可生成的图片尺寸。'),
        retires_on: described(
          { type: 'string', format: 'date' },
          'Day on which its maker ends it.',
          '厂商公布的下线日期。',
        ),
        durations: described(
          {},
          'Seconds of a video: each that is possible, or the least and the most.',
          '视频时长（秒）：可选值列表，或最小值与最大值。',
        ),
        resolutions: names('Resolutions of a video.', '视频分辨率。'),
        aspect_ratios: names('Shapes of a video; empty where they cannot be chosen.', '视频宽高比；不可选时为空。'),
        image_input: text('Whether a video is made from a picture.', '视频是否以图片为输入。'),
        last_frame: boolean('Takes a picture of the last frame.', '支持指定尾帧图片。'),
        audio: text('Whether a video has sound.', '视频是否带声音。'),
        negative_prompt: boolean('Takes what not to show.', '支持反向提示词。'),
        seed: boolean('Takes a seed.', '支持随机种子。'),
        count_max: integer('Videos of one request.', '单次请求的最多视频数。'),
        prompt_chars_max: integer('The longest prompt, in characters.', '提示词最大字符数。'),
      },
    },
    'What the model can, as far as it is known. What is left out is not known, and may be tried.',
    '已知的模型能力。未列出的能力表示未知，可直接尝试。',
  ),
  ModelPrices: described(
    {
      type: 'object',
      required: ['currency'],
      properties: {
        currency: { const: 'credits' },
        ...rates,
        tiers,
        service_tiers: described(
          {
            type: 'object',
            additionalProperties: {
              type: 'object',
              required: Object.keys(rates),
              properties: { ...rates, tiers },
            },
          },
          'Rates in a service tier of the provider, such as `priority`, by its name; any other is charged at those above.',
          '按服务商的服务层级（例如 `priority`）列出的价格；其他层级按上面的价格计费。',
        ),
        images: list(
          {
            type: 'object',
            required: ['price'],
            properties: { size: { type: 'string' }, quality: { type: 'string' }, price: { type: 'string' } },
          },
          'Each picture, by the first entry that fits; what an entry leaves out fits anything.',
          '每张图片的价格，取第一个匹配项；省略的条件匹配任意值。',
        ),
        video_seconds: list(
          {
            type: 'object',
            required: ['price'],
            properties: { resolution: { type: 'string' }, audio: { type: 'boolean' }, price: { type: 'string' } },
          },
          'Each second of video, by the first entry that fits.',
          '每秒视频的价格，取第一个匹配项。',
        ),
        per_audio_second: credits('Each second of sound that is listened to.', '每秒输入音频，'),
        per_million_characters: credits('A million characters that are spoken.', '每百万合成字符，'),
        per_search: credits('Each search of a reranking.', '每次重排序检索，'),
        per_request: credits('Each request.', '每次请求，'),
      },
    },
    'All that applies adds up; what is left out costs nothing.',
    '所有适用项相加；未列出的项不收费。',
  ),
};

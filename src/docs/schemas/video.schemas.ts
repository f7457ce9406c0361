import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { boolean, choice, described, integer, ref, text } from './schema-helpers.js';

const STATUSES = ['queued', 'processing', 'succeeded', 'failed', 'cancelled'];

const data = (schema: JsonSchema): JsonSchema => ({
  type: 'object',
  required: ['success', 'data'],
  properties: { success: { const: true }, data: schema },
});
const nullable = (type: string, en: string, zh: string): JsonSchema => described({ type: [type, 'null'] }, en, zh);
const names = (en: string, zh: string): JsonSchema => described({ type: 'array', items: { type: 'string' } }, en, zh);

/** Fields of every request for a job that say nothing of what is made. */
const common: Readonly<Record<string, JsonSchema>> = {
  user_identifier: text(
    'Your own name for the end user, for usage reports.',
    '可选，你方的终端用户标识，用于用量统计。',
  ),
  metadata: described(
    { type: 'object', maxProperties: 16, additionalProperties: { type: 'string', maxLength: 512 } },
    'Up to 16 texts of your own, which lists and webhooks give back.',
    '最多 16 个自定义文本，在列表与 Webhook 中原样返回。',
  ),
  webhookUrl: text('Where the end of the job is posted, signed.', '任务结束时接收带签名通知的地址。'),
  providerOptions: described(
    { type: 'object' },
    "Options in the vendor's own words; only the names that the model lists.",
    '上游的专有选项，仅限该模型列出的名称。',
  ),
};

const status: Readonly<Record<string, JsonSchema>> = {
  status: choice(STATUSES, 'The state of the job.', '任务状态。'),
  progress: integer('Percent.', '进度百分比。', { minimum: 0, maximum: 100 }),
  resultUrl: nullable(
    'string',
    'The file, behind a link that needs no header, lives for a while and is fresh with every answer; null until the job has succeeded.',
    '结果文件地址，无需请求头，有时效，每次查询都会刷新；成功之前为 null。',
  ),
  results: described(
    { type: 'array', items: { type: 'object', required: ['url'], properties: { url: { type: 'string' } } } },
    'All files, when more than one was asked for.',
    '请求多个结果时的全部文件。',
  ),
  error: described(
    {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
    'Why it failed; nothing is charged then.',
    '失败原因；失败不计费。',
  ),
};

/** Schemas of `/api/video/*` and of the asynchronous pictures. */
export const videoSchemas: Readonly<Record<string, JsonSchema>> = {
  VideoSubmit: {
    type: 'object',
    required: ['prompt'],
    properties: {
      provider: text('Who makes it; chosen automatically when left out.', '可选，指定 Provider；省略则自动选择。'),
      prompt: text('What the video shows. May be left out beside an `image`.', '画面描述；提供 `image` 时可省略。'),
      model: text(
        "A model of `GET /api/video/models`; the provider's default when left out.",
        '`GET /api/video/models` 返回的模型；省略时使用该 Provider 的默认模型。',
      ),
      image: text(
        'First frame: an http(s) URL, or a data URI of a PNG, JPEG or WebP picture. `imageUrl` is another name for it.',
        '首帧图片：http(s) 地址，或 PNG、JPEG、WebP 的 data URI。`imageUrl` 与之等价。',
      ),
      imageUrl: text('The same as `image`.', '同 `image`。'),
      lastFrame: text('Last frame, in the same forms.', '尾帧图片，形式同上。'),
      negativePrompt: text('What it must not show.', '不希望出现的内容。'),
      duration: integer('Whole seconds.', '时长（整数秒）。', { minimum: 1 }),
      aspectRatio: text('Such as `16:9`.', '画面比例，例如 `16:9`。'),
      resolution: text('Such as `720p`.', '分辨率，例如 `720p`。'),
      audio: boolean('Whether it has sound.', '是否生成声音。'),
      seed: integer('The same seed makes similar videos.', '随机种子。', { minimum: 0, maximum: 4294967295 }),
      n: integer('How many videos.', '视频数量。', { minimum: 1, maximum: 10, default: 1 }),
      ...common,
    },
    additionalProperties: false,
  },
  ImageSubmit: {
    type: 'object',
    required: ['prompt'],
    properties: {
      provider: text('Who makes it; chosen automatically when left out.', '可选，指定 Provider；省略则自动选择。'),
      model: text('A model of `GET /api/relay/v1/models`.', '`GET /api/relay/v1/models` 返回的模型。'),
      prompt: text('What the picture shows.', '画面描述。'),
      image: text(
        'A picture to begin from, where the model takes one: an http(s) URL, or a data URI of a PNG, JPEG or WebP picture.',
        '参考图片（模型支持时）：http(s) 地址，或 PNG、JPEG、WebP 的 data URI。',
      ),
      negativePrompt: text('What it must not show.', '不希望出现的内容。'),
      seed: integer('The same seed makes similar pictures.', '随机种子。', { minimum: 0, maximum: 4294967295 }),
      n: integer('How many pictures.', '图片数量。', { minimum: 1, maximum: 10, default: 1 }),
      size: text('Width and height, such as `1024x1024`.', '图片尺寸，例如 `1024x1024`。'),
      quality: text('Depends on the model, such as `standard` or `high`.', '取决于模型，例如 `standard` 或 `high`。'),
      ...common,
    },
    additionalProperties: false,
  },
  JobAccepted: data({
    type: 'object',
    required: ['jobId'],
    properties: { jobId: text('Ask for its status with it.', '用于查询状态。') },
  }),
  JobState: { type: 'object', required: ['status', 'progress', 'resultUrl'], properties: status },
  JobStatus: data(ref('JobState')),
  JobCancel: {
    type: 'object',
    required: ['jobId'],
    properties: { jobId: text('The job to call off.', '要取消的任务。') },
    additionalProperties: false,
  },
  JobList: data({
    type: 'object',
    required: ['items', 'nextCursor'],
    properties: {
      items: { type: 'array', items: ref('JobItem') },
      nextCursor: nullable(
        'string',
        '`after` of the next page; null on the last one.',
        '下一页的 `after`；最后一页为 null。',
      ),
    },
  }),
  JobItem: {
    type: 'object',
    required: ['jobId', 'status', 'progress', 'resultUrl', 'provider', 'model', 'createdAt'],
    properties: {
      jobId: { type: 'string' },
      ...status,
      provider: { type: 'string' },
      model: { type: 'string' },
      userIdentifier: { type: 'string' },
      metadata: { type: ['object', 'null'] },
      cost: nullable('string', 'Credits, exact; null while it is not over.', '精确的 credit 数额；结束之前为 null。'),
      createdAt: { type: 'string' },
      finishedAt: { type: ['string', 'null'] },
      resultsExpireAt: nullable('string', 'Until when its files are kept.', '结果文件保留至何时。'),
    },
  },
  VideoModels: data({
    type: 'object',
    required: ['items'],
    properties: { items: { type: 'array', items: ref('VideoModel') } },
  }),
  VideoModel: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      provider: { type: 'string' },
      isDefault: boolean('Serves requests that name no model.', '未指定模型时使用。'),
      durations: described(
        {
          oneOf: [
            { type: 'array', items: { type: 'integer' } },
            {
              type: 'object',
              required: ['min', 'max'],
              properties: { min: { type: 'integer' }, max: { type: 'integer' } },
            },
          ],
        },
        'Whole seconds: each that is possible, or the least and the most.',
        '可选时长（秒）：列表，或最小与最大值。',
      ),
      durationDefault: { type: 'integer' },
      resolutions: { type: 'array', items: { type: 'string' } },
      resolutionDefault: { type: 'string' },
      aspectRatios: names('Empty where it cannot be chosen.', '为空表示不可选择。'),
      inputs: {
        type: 'object',
        properties: {
          image: choice(['none', 'optional', 'required'], 'First frame.', '首帧。'),
          lastFrame: { type: 'boolean' },
          forms: names('How a picture may be given: `url`, `data`.', '图片的提供方式：`url`、`data`。'),
        },
      },
      audio: choice(['never', 'always', 'optional'], 'Sound.', '声音。'),
      audioDefault: { type: 'boolean' },
      negativePrompt: { type: 'boolean' },
      seed: { type: 'boolean' },
      countMax: integer('Most videos of one request.', '单次请求的最大数量。'),
      promptCharsMax: { type: 'integer' },
      options: names('Names that `providerOptions` may have.', '`providerOptions` 可用的名称。'),
      price: {
        oneOf: [ref('VideoPrice'), { type: 'null' }],
      },
    },
  },
  VideoPrice: described(
    {
      type: 'object',
      required: ['perSecond', 'perRequest', 'perMillionTokens'],
      properties: {
        perSecond: described(
          {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                resolution: { type: ['string', 'null'] },
                audio: { type: ['boolean', 'null'] },
                price: { type: 'string' },
              },
            },
          },
          'The first entry that fits; null fits everything.',
          '以第一个匹配项为准；null 匹配任意值。',
        ),
        perRequest: { type: 'string' },
        perMillionTokens: { type: 'string' },
      },
    },
    'Credits, as decimal strings; the parts add up.',
    'credit 数额（十进制字符串），各部分相加。',
  ),
  OpenAiVideoCreate: {
    type: 'object',
    required: ['prompt'],
    properties: {
      prompt: text('What the video shows.', '画面描述。'),
      model: text(
        'A model of `GET /api/video/models`; chosen automatically when left out.',
        '`GET /api/video/models` 返回的模型；省略则自动选择。',
      ),
      seconds: text('Length, such as `"4"`.', '时长，例如 `"4"`。'),
      size: text('Width and height, such as `1280x720`.', '尺寸，例如 `1280x720`。'),
      input_reference: described(
        {
          oneOf: [
            { type: 'string', contentMediaType: 'application/octet-stream' },
            { type: 'object', required: ['image_url'], properties: { image_url: { type: 'string' } } },
          ],
        },
        'First frame: a file, or its `image_url`.',
        '首帧图片：文件，或 `image_url`。',
      ),
      user: text('Your own name for the end user.', '你方的终端用户标识。'),
    },
    additionalProperties: false,
  },
  OpenAiVideo: {
    type: 'object',
    required: ['id', 'object', 'status', 'progress', 'model', 'seconds', 'size', 'created_at'],
    properties: {
      id: { type: 'string' },
      object: { const: 'video' },
      status: choice(
        ['queued', 'in_progress', 'completed', 'failed'],
        'A cancelled video is `failed` with the code `cancelled`.',
        '已取消的视频为 `failed`，错误码 `cancelled`。',
      ),
      progress: integer('Percent.', '进度百分比。'),
      model: { type: 'string' },
      prompt: { type: 'string' },
      seconds: { type: 'string' },
      size: { type: 'string' },
      created_at: integer('Unix time in seconds.', 'Unix 时间戳（秒）。'),
      completed_at: { type: ['integer', 'null'] },
      expires_at: { type: ['integer', 'null'] },
      error: {
        oneOf: [
          { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } },
          { type: 'null' },
        ],
      },
      remixed_from_video_id: { type: 'null' },
    },
  },
  OpenAiVideoList: {
    type: 'object',
    required: ['object', 'data', 'has_more'],
    properties: {
      object: { const: 'list' },
      data: { type: 'array', items: ref('OpenAiVideo') },
      first_id: { type: ['string', 'null'] },
      last_id: { type: ['string', 'null'] },
      has_more: { type: 'boolean' },
    },
  },
  OpenAiVideoDeleted: {
    type: 'object',
    required: ['id', 'object', 'deleted'],
    properties: { id: { type: 'string' }, object: { const: 'video.deleted' }, deleted: { const: true } },
  },
};

import type { ApiOperationSpec, ApiParameter } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { fileResponses, idempotencyKeyParameter, jsonContent } from './job.operations.js';
import { relayErrors } from './responses.js';

const ID = 'video_019ad5b2c3d47e5f8a9b0c1d2e3f4a5b';
const VIDEO = {
  id: ID,
  object: 'video',
  status: 'queued',
  progress: 0,
  model: 'sora-2',
  prompt: 'a cat runs over a meadow',
  seconds: '4',
  size: '1280x720',
  created_at: 1767000000,
  completed_at: null,
  expires_at: null,
  error: null,
  remixed_from_video_id: null,
};
const videoResponse = {
  description: { en: 'The video.', zh: '视频任务。' },
  content: [jsonContent('OpenAiVideo', { en: 'A video', zh: '视频任务' }, VIDEO)],
};
const idParameter: ApiParameter = {
  name: 'id',
  in: 'path',
  description: { en: 'The video.', zh: '视频 id。' },
  schema: { type: 'string' },
  example: ID,
};

/** `POST /api/relay/v1/videos` */
export const createVideoOperation: ApiOperationSpec = {
  id: 'createVideo',
  tag: 'video',
  summary: { en: 'Create a video (OpenAI-compatible)', zh: '创建视频（OpenAI 兼容）' },
  description: {
    en: 'The same jobs as `/api/video`, for `client.videos` of the official SDKs: a multipart form, as they send it, or JSON. A key with the scope `relay` or `video` may use it.',
    zh: '与 `/api/video` 为同一批任务，供官方 SDK 的 `client.videos` 使用：multipart 表单（SDK 的形式）或 JSON。`relay` 或 `video` 权限的 Key 均可使用。',
  },
  auth: 'apiKey',
  parameters: [idempotencyKeyParameter],
  body: {
    content: [
      { type: 'multipart/form-data', schema: ref('OpenAiVideoCreate') },
      jsonContent(
        'OpenAiVideoCreate',
        { en: 'A text', zh: '文生视频' },
        { prompt: 'a cat runs over a meadow', seconds: '4', size: '1280x720' },
      ),
    ],
  },
  responses: { 200: videoResponse, ...relayErrors(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503) },
  curl: `curl -X POST {origin}/api/relay/v1/videos \\
  -H "Authorization: Bearer {key}" \\
  -F "prompt=a cat runs over a meadow" \\
  -F size=1280x720`,
};

/** `GET /api/relay/v1/videos` */
export const listVideosOperation: ApiOperationSpec = {
  id: 'listVideos',
  tag: 'video',
  summary: { en: 'List videos (OpenAI-compatible)', zh: '列出视频（OpenAI 兼容）' },
  auth: 'apiKey',
  parameters: [
    {
      name: 'limit',
      in: 'query',
      description: { en: 'Items per page.', zh: '每页条数。' },
      schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    },
    {
      name: 'after',
      in: 'query',
      description: { en: '`last_id` of the page before.', zh: '上一页的 `last_id`。' },
      schema: { type: 'string' },
    },
    {
      name: 'order',
      in: 'query',
      description: { en: 'By the time of creation.', zh: '按创建时间排序。' },
      schema: { enum: ['asc', 'desc'], default: 'desc' },
    },
  ],
  responses: {
    200: {
      description: { en: 'A page of videos.', zh: '一页视频。' },
      content: [
        jsonContent(
          'OpenAiVideoList',
          { en: 'One video', zh: '一个视频' },
          { object: 'list', data: [VIDEO], first_id: ID, last_id: ID, has_more: false },
        ),
      ],
    },
    ...relayErrors(400, 401, 403, 429, 500, 503),
  },
  curl: `curl "{origin}/api/relay/v1/videos?limit=10" \\
  -H "Authorization: Bearer {key}"`,
};

/** `GET /api/relay/v1/videos/{id}` */
export const getVideoOperation: ApiOperationSpec = {
  id: 'getVideo',
  tag: 'video',
  summary: { en: 'One video (OpenAI-compatible)', zh: '查询视频（OpenAI 兼容）' },
  auth: 'apiKey',
  parameters: [idParameter],
  responses: { 200: videoResponse, ...relayErrors(401, 403, 404, 429, 500, 503) },
  curl: `curl "{origin}/api/relay/v1/videos/video_abc123" \\
  -H "Authorization: Bearer {key}"`,
};

/** `GET /api/relay/v1/videos/{id}/content` */
export const downloadVideoOperation: ApiOperationSpec = {
  id: 'downloadVideo',
  tag: 'video',
  summary: { en: 'Download a video (OpenAI-compatible)', zh: '下载视频（OpenAI 兼容）' },
  auth: 'apiKey',
  parameters: [
    idParameter,
    {
      name: 'variant',
      in: 'query',
      description: { en: 'Only `video`: there are no thumbnails.', zh: '仅支持 `video`，没有缩略图。' },
      schema: { enum: ['video'], default: 'video' },
    },
  ],
  responses: { ...fileResponses('video/mp4'), ...relayErrors(400, 401, 403, 404, 409, 410, 429, 500, 503) },
  curl: `curl -o video.mp4 "{origin}/api/relay/v1/videos/video_abc123/content" \\
  -H "Authorization: Bearer {key}"`,
};

/** `DELETE /api/relay/v1/videos/{id}` */
export const deleteVideoOperation: ApiOperationSpec = {
  id: 'deleteVideo',
  tag: 'video',
  summary: {
    en: 'Delete a finished video with its file (OpenAI-compatible)',
    zh: '删除已结束的视频及文件（OpenAI 兼容）',
  },
  auth: 'apiKey',
  parameters: [idParameter],
  responses: {
    200: {
      description: { en: 'It is gone.', zh: '已删除。' },
      content: [
        jsonContent(
          'OpenAiVideoDeleted',
          { en: 'Deleted', zh: '已删除' },
          { id: ID, object: 'video.deleted', deleted: true },
        ),
      ],
    },
    ...relayErrors(401, 403, 404, 409, 429, 500, 503),
  },
  curl: `curl -X DELETE "{origin}/api/relay/v1/videos/video_abc123" \\
  -H "Authorization: Bearer {key}"`,
};

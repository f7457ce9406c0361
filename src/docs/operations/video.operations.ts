import type { ApiOperationSpec } from '../../common/api-operation.decorator.js';
import {
  acceptedResponse,
  eventsResponse,
  fileResponses,
  idempotencyKeyParameter,
  indexParameter,
  JOB_ID,
  jobIdParameter,
  jobListParameters,
  jsonContent,
  listResponse,
  statusResponse,
} from './job.operations.js';
import { restErrors } from './responses.js';

/** `POST /api/video/submit` */
export const videoSubmitOperation: ApiOperationSpec = {
  id: 'submitVideo',
  tag: 'video',
  summary: { en: 'Submit a video', zh: '提交视频生成任务' },
  description: {
    en: 'Only `prompt` is needed. Options that the model does not have are refused by name; `GET /api/video/models` lists what each can do. The dearest way the job can go is set aside, and what was made is charged; failed jobs cost nothing.',
    zh: '仅 `prompt` 必填。模型不支持的选项会被指名拒绝；`GET /api/video/models` 列出各模型的能力。提交时预留最高费用，按实际生成计费；失败不计费。',
  },
  auth: 'apiKey',
  parameters: [idempotencyKeyParameter],
  body: {
    content: [
      jsonContent(
        'VideoSubmit',
        { en: 'A text', zh: '文生视频' },
        { provider: 'kling', prompt: '一只猫在草地上奔跑', user_identifier: 'user_123' },
      ),
    ],
  },
  responses: { 200: acceptedResponse, ...restErrors(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503) },
  curl: `curl -X POST {origin}/api/video/submit \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"prompt":"一只猫在草地上奔跑","user_identifier":"u1"}'`,
};

/** `GET /api/video/status` */
export const videoStatusOperation: ApiOperationSpec = {
  id: 'getVideoStatus',
  tag: 'video',
  summary: { en: 'State and result of a video', zh: '查询任务状态与结果' },
  description: {
    en: 'Ask every few seconds, or let `GET /api/video/events` tell. A job whose `status` is `succeeded`, `failed` or `cancelled` changes no more.',
    zh: '每隔几秒查询一次，或使用 `GET /api/video/events`。`status` 为 `succeeded`、`failed` 或 `cancelled` 后不再变化。',
  },
  auth: 'apiKey',
  parameters: [jobIdParameter],
  responses: { 200: statusResponse(`${JOB_ID}.mp4`), ...restErrors(400, 401, 403, 404, 429, 500, 503) },
  curl: `curl "{origin}/api/video/status?jobId=job_abc123" \\
  -H "Authorization: Bearer {key}"`,
};

/** `GET /api/video/jobs` */
export const videoJobsOperation: ApiOperationSpec = {
  id: 'listVideoJobs',
  tag: 'video',
  summary: { en: 'Your videos', zh: '查询视频任务列表' },
  auth: 'apiKey',
  parameters: jobListParameters,
  responses: { 200: listResponse('kling', 'kling-v2-5-turbo'), ...restErrors(400, 401, 403, 429, 500, 503) },
  curl: `curl "{origin}/api/video/jobs?status=queued,processing&limit=10" \\
  -H "Authorization: Bearer {key}"`,
};

/** `POST /api/video/cancel` */
export const videoCancelOperation: ApiOperationSpec = {
  id: 'cancelVideo',
  tag: 'video',
  summary: { en: 'Call a video off', zh: '取消视频任务' },
  description: {
    en: 'A job that waits is over at once. One that is being handed to a vendor is over if that does not take it: its status tells. One that a vendor has is over when the vendor says so; where it offers no way, the answer is 409 `job_not_cancellable`.',
    zh: '排队中的任务立即取消；正在提交给上游的任务，若上游未接受则取消，结果以状态为准；已交给上游的任务以上游确认为准；上游不支持取消时返回 409 `job_not_cancellable`。',
  },
  auth: 'apiKey',
  body: { content: [jsonContent('JobCancel', { en: 'A job', zh: '任务' }, { jobId: JOB_ID })] },
  responses: { 200: statusResponse(`${JOB_ID}.mp4`), ...restErrors(400, 401, 403, 404, 409, 413, 415, 429, 500, 503) },
  curl: `curl -X POST {origin}/api/video/cancel \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"jobId":"job_abc123"}'`,
};

/** `GET /api/video/events` */
export const videoEventsOperation: ApiOperationSpec = {
  id: 'streamVideoEvents',
  tag: 'video',
  summary: { en: 'The states of a video as they change (SSE)', zh: '以 SSE 接收任务状态变化' },
  description: {
    en: 'The present state comes at once, then each change; the stream ends with the job. When it ends earlier, open it again.',
    zh: '立即发送当前状态，之后每次变化发送一次；任务结束后流关闭。若提前断开，请重新连接。',
  },
  auth: 'apiKey',
  parameters: [jobIdParameter],
  responses: { 200: eventsResponse, ...restErrors(400, 401, 403, 404, 429, 500, 503) },
  curl: `curl -N "{origin}/api/video/events?jobId=job_abc123" \\
  -H "Authorization: Bearer {key}"`,
};

/** `GET /api/video/models` */
export const videoModelsOperation: ApiOperationSpec = {
  id: 'listVideoModels',
  tag: 'video',
  summary: { en: 'Models of videos, and what each can do', zh: '视频模型及其能力' },
  auth: 'apiKey',
  responses: {
    200: {
      description: { en: 'The models that this key may use.', zh: '该 Key 可用的模型。' },
      content: [
        jsonContent(
          'VideoModels',
          { en: 'One model', zh: '一个模型' },
          {
            success: true,
            data: {
              items: [
                {
                  id: 'kling-v2-5-turbo',
                  provider: 'kling',
                  isDefault: true,
                  durations: [5, 10],
                  durationDefault: 5,
                  resolutions: ['720p', '1080p'],
                  resolutionDefault: '720p',
                  aspectRatios: ['16:9', '9:16', '1:1'],
                  inputs: { image: 'optional', lastFrame: true, forms: ['url', 'data'] },
                  audio: 'never',
                  audioDefault: false,
                  negativePrompt: true,
                  seed: false,
                  countMax: 1,
                  promptCharsMax: 2500,
                  options: ['cfg_scale'],
                  price: {
                    perSecond: [{ resolution: null, audio: null, price: '0.05' }],
                    perRequest: '0',
                    perMillionTokens: '0',
                  },
                },
              ],
            },
          },
        ),
      ],
    },
    ...restErrors(401, 403, 429, 500, 503),
  },
  curl: `curl "{origin}/api/video/models" \\
  -H "Authorization: Bearer {key}"`,
};

/** `GET /api/video/content` */
export const videoContentOperation: ApiOperationSpec = {
  id: 'getVideoContent',
  tag: 'video',
  summary: { en: 'The video itself', zh: '下载视频文件' },
  description: {
    en: 'For programs that keep their key rather than a link. `Range` fetches a part.',
    zh: '使用 API Key 下载，无需保存链接；支持 `Range`。',
  },
  auth: 'apiKey',
  parameters: [jobIdParameter, indexParameter],
  responses: { ...fileResponses('video/mp4'), ...restErrors(400, 401, 403, 404, 409, 410, 429, 500, 503) },
  curl: `curl -o video.mp4 "{origin}/api/video/content?jobId=job_abc123" \\
  -H "Authorization: Bearer {key}"`,
};

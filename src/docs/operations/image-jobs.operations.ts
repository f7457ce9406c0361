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

/** `POST /api/image/submit` */
export const imageSubmitOperation: ApiOperationSpec = {
  id: 'submitImage',
  tag: 'images',
  summary: { en: 'Submit pictures that nobody waits for', zh: '提交异步图片生成任务' },
  description: {
    en: 'As `POST /api/relay/v1/images/generations`, but the answer comes at once and the pictures are fetched later, like videos.',
    zh: '同 `POST /api/relay/v1/images/generations`，但立即返回任务 id，之后像视频一样取回图片。',
  },
  auth: 'apiKey',
  parameters: [idempotencyKeyParameter],
  body: {
    content: [
      jsonContent(
        'ImageSubmit',
        { en: 'One picture', zh: '一张图片' },
        { model: 'dall-e-3', prompt: 'a cute cat', n: 1, size: '1024x1024' },
      ),
    ],
  },
  responses: { 200: acceptedResponse, ...restErrors(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503) },
  curl: `curl -X POST {origin}/api/image/submit \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"dall-e-3","prompt":"a cute cat","n":1}'`,
};

/** `GET /api/image/status` */
export const imageStatusOperation: ApiOperationSpec = {
  id: 'getImageStatus',
  tag: 'images',
  summary: { en: 'State and result of submitted pictures', zh: '查询异步图片任务状态与结果' },
  auth: 'apiKey',
  parameters: [jobIdParameter],
  responses: { 200: statusResponse(`${JOB_ID}.png`), ...restErrors(400, 401, 403, 404, 429, 500, 503) },
  curl: `curl "{origin}/api/image/status?jobId=job_abc123" \\
  -H "Authorization: Bearer {key}"`,
};

/** `GET /api/image/jobs` */
export const imageJobsOperation: ApiOperationSpec = {
  id: 'listImageJobs',
  tag: 'images',
  summary: { en: 'Your submitted pictures', zh: '查询异步图片任务列表' },
  auth: 'apiKey',
  parameters: jobListParameters,
  responses: { 200: listResponse('openai', 'dall-e-3'), ...restErrors(400, 401, 403, 429, 500, 503) },
  curl: `curl "{origin}/api/image/jobs?limit=10" \\
  -H "Authorization: Bearer {key}"`,
};

/** `POST /api/image/cancel` */
export const imageCancelOperation: ApiOperationSpec = {
  id: 'cancelImage',
  tag: 'images',
  summary: { en: 'Call submitted pictures off', zh: '取消异步图片任务' },
  auth: 'apiKey',
  body: { content: [jsonContent('JobCancel', { en: 'A job', zh: '任务' }, { jobId: JOB_ID })] },
  responses: { 200: statusResponse(`${JOB_ID}.png`), ...restErrors(400, 401, 403, 404, 409, 413, 415, 429, 500, 503) },
  curl: `curl -X POST {origin}/api/image/cancel \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"jobId":"job_abc123"}'`,
};

/** `GET /api/image/events` */
export const imageEventsOperation: ApiOperationSpec = {
  id: 'streamImageEvents',
  tag: 'images',
  summary: { en: 'The states of submitted pictures as they change (SSE)', zh: '以 SSE 接收异步图片任务状态变化' },
  auth: 'apiKey',
  parameters: [jobIdParameter],
  responses: { 200: eventsResponse, ...restErrors(400, 401, 403, 404, 429, 500, 503) },
  curl: `curl -N "{origin}/api/image/events?jobId=job_abc123" \\
  -H "Authorization: Bearer {key}"`,
};

/** `GET /api/image/content` */
export const imageContentOperation: ApiOperationSpec = {
  id: 'getImageContent',
  tag: 'images',
  summary: { en: 'A submitted picture itself', zh: '下载异步生成的图片' },
  auth: 'apiKey',
  parameters: [jobIdParameter, indexParameter],
  responses: { ...fileResponses('image/png'), ...restErrors(400, 401, 403, 404, 409, 410, 429, 500, 503) },
  curl: `curl -o picture.png "{origin}/api/image/content?jobId=job_abc123" \\
  -H "Authorization: Bearer {key}"`,
};

import { readModel } from './models.endpoint.js';
import type { Reply } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import type { SandboxRequest } from './sandbox-request.js';
import { drawVideo } from './video/draw-video.js';
import { fromVideoId, toVideoId, type VideoTask } from './video/video-id.js';
import { VIDEO_MODEL } from './video/video-limits.js';
import { parseVideo, readVideoBody } from './video/video-request.js';

const LIST_DEFAULT = 20;
const LIST_MAX = 100;
const PREFIX = '/v1/videos/';
/** Part of the work during which a video counts as waiting. */
const QUEUED_SHARE = 0.1;
const DAY_SECONDS = 24 * 60 * 60;

/** `POST /v1/videos`, as JSON or as a form with a file. */
export function createVideo(request: SandboxRequest): Reply {
  const body = readVideoBody(request);
  const { name } = readModel(request, body, 'videos');
  const { prompt, ...parsed } = parseVideo(body);
  const { videoWorkMs, videoEnd } = request.script;
  const workMs = videoWorkMs ?? request.videos.workMs;
  const id = toVideoId({ ...parsed, createdMs: Date.now(), workMs, end: videoEnd ?? 'finished' });
  request.videos.add({ id, model: name, prompt });
  return { type: 'json', body: describe(request, id, findTask(request, id)) };
}

/** `GET /v1/videos`: those this process remembers. */
export function listVideos(request: SandboxRequest): Reply {
  const { query, videos } = request;
  const limit = Number(query.get('limit') ?? LIST_DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIST_MAX) {
    throw new SandboxError(
      400,
      `Invalid 'limit': expected an integer from 1 to ${LIST_MAX}.`,
      'limit',
      'invalid_value',
    );
  }
  const order = query.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') {
    throw new SandboxError(400, "Invalid 'order': expected asc or desc.", 'order', 'invalid_value');
  }
  const ids = videos.list().map(({ id }) => id);
  if (order === 'desc') ids.reverse();
  const after = query.get('after');
  const start = after === null ? 0 : ids.indexOf(after) + 1;
  const page = ids.slice(start, start + limit);
  const data = page.map((id) => describe(request, id, findTask(request, id)));
  return {
    type: 'json',
    body: {
      object: 'list',
      data,
      first_id: page[0] ?? null,
      last_id: page.at(-1) ?? null,
      has_more: start + limit < ids.length,
    },
  };
}

/** Everything below `/v1/videos/`; undefined when there is no such endpoint. */
export function routeVideo(request: SandboxRequest): Reply | undefined {
  const [id = '', part, ...rest] = request.path.slice(PREFIX.length).split('/');
  if (!request.path.startsWith(PREFIX) || rest.length > 0) return undefined;
  if (part === 'content' && request.method === 'GET') return serveContent(request, id);
  if (part !== undefined) return undefined;
  if (request.method === 'GET') return { type: 'json', body: describe(request, id, findTask(request, id)) };
  return request.method === 'DELETE' ? deleteVideo(request, id) : undefined;
}

function serveContent(request: SandboxRequest, id: string): Reply {
  const task = findTask(request, id);
  if (request.query.get('variant') !== null && request.query.get('variant') !== 'video') {
    throw new SandboxError(400, "The sandbox has only the variant 'video'.", 'variant', 'invalid_value');
  }
  if (statusOf(task) !== 'completed') throw new SandboxError(404, 'Video is not ready yet, use GET /v1/videos/{id}.');
  return { type: 'bytes', contentType: 'video/mp4', bytes: drawVideo(task) };
}

function deleteVideo(request: SandboxRequest, id: string): Reply {
  const status = statusOf(findTask(request, id));
  if (status === 'queued' || status === 'in_progress') {
    throw new SandboxError(400, 'A video can be deleted once it is completed or failed.', null, 'invalid_state');
  }
  request.videos.delete(id);
  return { type: 'json', body: { id, object: 'video.deleted', deleted: true } };
}

function findTask(request: SandboxRequest, id: string): VideoTask {
  const task = request.videos.isDeleted(id) ? undefined : fromVideoId(id);
  if (task === undefined) throw new SandboxError(404, `Video with id '${id}' not found.`, 'video_id', 'not_found');
  return task;
}

type VideoStatus = 'queued' | 'in_progress' | 'completed' | 'failed';

function shareOf({ createdMs, workMs }: VideoTask): number {
  return workMs === 0 ? 1 : Math.max(0, (Date.now() - createdMs) / workMs);
}

function statusOf(task: VideoTask): VideoStatus {
  const share = shareOf(task);
  if (share < QUEUED_SHARE) return 'queued';
  if (share < 1) return 'in_progress';
  return task.end === 'finished' ? 'completed' : 'failed';
}

/** The video object of OpenAI (openai-node, src/resources/videos.ts). */
function describe(request: SandboxRequest, id: string, task: VideoTask): object {
  const { model = VIDEO_MODEL, prompt = null } = request.videos.get(id) ?? {};
  const status = statusOf(task);
  const isDone = status === 'completed';
  const endedAt = Math.floor((task.createdMs + task.workMs) / 1000);
  return {
    id,
    object: 'video',
    created_at: Math.floor(task.createdMs / 1000),
    status,
    completed_at: isDone ? endedAt : null,
    error: status === 'failed' ? errorOf(task) : null,
    expires_at: isDone ? endedAt + DAY_SECONDS : null,
    model,
    progress: isDone ? 100 : Math.min(99, Math.floor(shareOf(task) * 100)),
    prompt,
    remixed_from_video_id: null,
    seconds: String(task.seconds),
    size: `${task.width}x${task.height}`,
  };
}

function errorOf({ end }: VideoTask): { code: string; message: string } {
  return end === 'content'
    ? { code: 'moderation_blocked', message: 'Your request was blocked by our moderation system.' }
    : { code: 'video_generation_failed', message: 'The video could not be made.' };
}

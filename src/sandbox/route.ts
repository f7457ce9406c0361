import { completeChat } from './chat.endpoint.js';
import { embed } from './embeddings.endpoint.js';
import { editImages } from './image-edits.endpoint.js';
import { generateImages, serveImage } from './images.endpoint.js';
import { getModel, listModels } from './models.endpoint.js';
import type { Reply } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import type { SandboxRequest } from './sandbox-request.js';
import { createVideo, listVideos, routeVideo } from './videos.endpoint.js';

const POST_ROUTES: ReadonlyMap<string, (request: SandboxRequest) => Reply> = new Map([
  ['/v1/chat/completions', completeChat],
  ['/v1/embeddings', embed],
  ['/v1/images/generations', generateImages],
  ['/v1/images/edits', editImages],
  ['/v1/videos', createVideo],
]);

const MODEL_PREFIX = '/v1/models/';
const IMAGE_PREFIX = '/images/';

/** Finds the endpoint of a request and runs it. */
export function route(request: SandboxRequest): Reply {
  const { method, path } = request;
  const post = POST_ROUTES.get(path);
  if (post !== undefined && method === 'POST') return post(request);
  if (method === 'GET') {
    if (path === '/v1/models') return listModels();
    if (path === '/v1/videos') return listVideos(request);
    if (path.startsWith(MODEL_PREFIX)) return getModel(decode(path.slice(MODEL_PREFIX.length)));
    if (path.startsWith(IMAGE_PREFIX)) return serveImage(path.slice(IMAGE_PREFIX.length));
  }
  const video = routeVideo(request);
  if (video !== undefined) return video;
  if (post !== undefined || path === '/v1/models') throw new SandboxError(405, `Not allowed to ${method} on ${path}.`);
  throw new SandboxError(404, `Invalid URL (${method} ${path})`, null, 'unknown_url');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

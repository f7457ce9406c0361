import { completeChat } from './chat.endpoint.js';
import { completeText } from './completions.endpoint.js';
import { embed } from './embeddings.endpoint.js';
import { editImages } from './image-edits.endpoint.js';
import { generateImages, serveImage } from './images.endpoint.js';
import { getModel, listModels } from './models.endpoint.js';
import { moderate } from './moderations.endpoint.js';
import type { Reply } from './reply.js';
import { rerank } from './rerank.endpoint.js';
import { SandboxError } from './sandbox-error.js';
import type { SandboxRequest } from './sandbox-request.js';
import { speak } from './speech.endpoint.js';
import { transcribe, translate } from './transcriptions.endpoint.js';
import { createVideo, listVideos, routeVideo } from './videos.endpoint.js';

const POST_ROUTES: ReadonlyMap<string, (request: SandboxRequest) => Reply> = new Map([
  ['/v1/chat/completions', completeChat],
  ['/v1/embeddings', embed],
  ['/v1/images/generations', generateImages],
  ['/v1/images/edits', editImages],
  ['/v1/videos', createVideo],
  ['/v1/completions', completeText],
  ['/v1/moderations', moderate],
  ['/v1/audio/speech', speak],
  ['/v1/audio/transcriptions', transcribe],
  ['/v1/audio/translations', translate],
  ['/v1/rerank', rerank],
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

import { answerImages } from './image-answer.js';
import { IMAGE_SIZES, parseImages } from './image-request.js';
import { readModel } from './models.endpoint.js';
import { drawPng } from './png.js';
import type { Reply } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import { readJsonBody, type SandboxRequest } from './sandbox-request.js';

/** `POST /v1/images/generations`. */
export function generateImages(request: SandboxRequest): Reply {
  const body = readJsonBody(request);
  const { name } = readModel(request, body, 'images');
  return answerImages(request, parseImages(body, name), 'image_generation');
}

/** `GET /images/{seed}-{width}x{height}.png`: draws the picture again, so nothing has to be stored. */
export function serveImage(fileName: string): Reply {
  const match = /^([0-9a-f]{8})-(\d+)x(\d+)\.png$/.exec(fileName);
  const [, seed = '', width = '', height = ''] = match ?? [];
  if (!IMAGE_SIZES.includes(`${width}x${height}`)) throw new SandboxError(404, 'No such image.');
  const bytes = drawPng(Number(width), Number(height), Number.parseInt(seed, 16));
  return { type: 'bytes', contentType: 'image/png', bytes };
}

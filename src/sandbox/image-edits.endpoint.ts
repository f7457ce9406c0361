import { answerImages } from './image-answer.js';
import { parseImages } from './image-request.js';
import { readModel } from './models.endpoint.js';
import { type FormPart, parseMultipart } from './multipart.js';
import type { Reply } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import { type JsonObject, readJsonBody, type SandboxRequest } from './sandbox-request.js';

const IMAGES_MAX = 16;
const NUMBER_FIELDS = new Set(['n', 'partial_images', 'output_compression']);

/** `POST /v1/images/edits`, as a form with files or as JSON with `images`. */
export function editImages(request: SandboxRequest): Reply {
  const contentType = request.headers['content-type'] ?? '';
  const isForm = contentType.startsWith('multipart/form-data');
  const body = isForm ? readForm(parseMultipart(request.body, contentType)) : readJsonBody(request);
  if (!isForm && !Array.isArray(body['images'])) throw missingImage('images');
  const { name } = readModel(request, { model: 'gpt-image-1', ...body }, 'images');
  if (name === 'dall-e-3') {
    throw new SandboxError(400, "The model 'dall-e-3' cannot edit images: use gpt-image-1.", 'model', 'invalid_value');
  }
  return answerImages(request, parseImages(body, name), 'image_edit');
}

function readForm(parts: readonly FormPart[]): JsonObject {
  const images = parts.filter((part) => part.name === 'image' || part.name === 'image[]');
  if (images.length === 0) throw missingImage('image');
  if (images.length > IMAGES_MAX) {
    throw new SandboxError(400, `Invalid 'image': expected at most ${IMAGES_MAX} images.`, 'image');
  }
  if (images.some((part) => part.bytes.length === 0)) {
    throw new SandboxError(400, "Invalid 'image': the file is empty.", 'image', 'invalid_image_file');
  }
  const fields: Record<string, unknown> = {};
  for (const part of parts) {
    if (part.fileName === undefined) fields[part.name] = readField(part.name, part.bytes.toString('utf8'));
  }
  return fields;
}

function readField(name: string, text: string): unknown {
  if (NUMBER_FIELDS.has(name)) return Number(text);
  return name === 'stream' ? text === 'true' : text;
}

function missingImage(name: string): SandboxError {
  return new SandboxError(400, `Missing required parameter: '${name}'.`, name, 'missing_required_parameter');
}

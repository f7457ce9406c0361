import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { missing } from '../common/body-fields.js';
import { HubError, invalidRequest } from '../common/hub-error.js';
import { JsonSource } from '../common/json-source.js';
import { readBody } from '../common/read-body.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { ImagesRequest } from '../providers/canonical/images.js';
import type { ImagesOperation, OperationPath, Provider } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import { SpooledUpload, sweepStaleUploads } from '../upload/spooled-upload.js';
import { ImagesService } from './images.service.js';
import { keepUntilAnswered } from './keep-until-answered.js';
import type { RelayAnswer } from './relay-answer.js';
import type { RelayContext } from './relay-context.js';
import { UpstreamSender } from './upstream-sender.js';
import { validateImages } from './validate-images.js';

// What the hub reads of an upload; the upstream must not read a second one of these.
const FIELDS = ['model', 'prompt', 'n', 'response_format', 'stream'];

/** images/edits: a multipart upload, or the JSON form with picture links. */
@Injectable()
export class ImageEditsService implements OnModuleInit {
  constructor(
    @Inject(ImagesService) private readonly images: ImagesService,
    @Inject(UpstreamSender) private readonly sender: UpstreamSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async onModuleInit(): Promise<void> {
    await sweepStaleUploads();
  }

  /** Reads the request by its content type and relays it. */
  async edit(context: RelayContext, request: IncomingMessage): Promise<RelayAnswer> {
    const type = request.headers['content-type'] ?? '';
    if (/^multipart\/form-data\b/i.test(type)) return await this.editUpload(context, request);
    if (/^application\/json\b/i.test(type)) return await this.editJson(context, request);
    throw new HubError({
      status: 415,
      code: 'unsupported_media_type',
      message: 'Send image edits as multipart/form-data or application/json.',
      shouldRetry: false,
    });
  }

  private async editJson(context: RelayContext, raw: IncomingMessage): Promise<RelayAnswer> {
    const body = await readBody(raw, this.settings.server.bodyBytesMax);
    context.receivedAt = performance.now();
    context.capture?.takeRequest(body);
    const request = validateImages(body);
    return await this.images.relay(context, request, 'imageEdits', (run, attempt) => {
      const { provider, target } = attempt.candidate;
      return this.sender.postJson(run, attempt, pathOf(provider), imagesOf(provider).toBody(request, target));
    });
  }

  private async editUpload(context: RelayContext, raw: IncomingMessage): Promise<RelayAnswer> {
    const upload = await SpooledUpload.receive(raw, this.settings.server.uploadBytesMax);
    context.receivedAt = performance.now();
    try {
      const request = toImagesRequest(upload);
      context.capture?.takeRequest(request.source.bytes);
      const answer = await this.images.relay(
        context,
        request,
        'imageEdits',
        (run, attempt) => {
          const { candidate } = attempt;
          const body = upload.with(toFields(request, candidate));
          return this.sender.postUpload(run, attempt, pathOf(candidate.provider), body);
        },
        () => upload.hash(context.route),
      );
      return await keepUntilAnswered(answer, upload);
    } catch (error) {
      await upload.discard();
      throw error;
    }
  }
}

function pathOf(provider: Provider): OperationPath {
  if (provider.imageEdits === undefined) throw new Error(`The provider "${provider.id}" has no image edits operation.`);
  return provider.imageEdits.path;
}

function imagesOf(provider: Provider): ImagesOperation {
  if (provider.images === undefined) throw new Error(`The provider "${provider.id}" has no images operation.`);
  return provider.images;
}

/** What the upstream gets instead of the caller's fields: the same as in a request for generations. */
function toFields(request: ImagesRequest, { provider, target }: Candidate): Record<string, string | undefined> {
  const { value } = JsonSource.parse(imagesOf(provider).toBody(request, target).body);
  const format = value['response_format'];
  return { model: target.upstreamModel, response_format: typeof format === 'string' ? format : undefined };
}

/** The fields of an upload, read by the same rules as a JSON body. */
function toImagesRequest(upload: SpooledUpload): ImagesRequest {
  for (const name of FIELDS) {
    if (upload.parts.filter((part) => part.name === name).length > 1) {
      throw invalidRequest(`"${name}" is given more than once.`, name, 'duplicate_parameter');
    }
  }
  const prompt = upload.field('prompt');
  if (prompt === undefined) throw missing('prompt');
  if (upload.field('model') === undefined) throw missing('model');
  if (!upload.parts.some((part) => part.isFile)) throw missing('image');
  const source = JsonSource.of({
    model: upload.field('model'),
    prompt,
    n: toValue(upload.field('n'), /^(?:0|[1-9]\d{0,8})$/),
    response_format: upload.field('response_format'),
    size: upload.field('size'),
    quality: upload.field('quality'),
    user: upload.field('user'),
    stream: toValue(upload.field('stream'), /^(?:true|false)$/),
  });
  return validateImages(source.bytes);
}

/** A field as the JSON value it spells; other text stays text, which the rules for that field then refuse. */
function toValue(text: string | undefined, form: RegExp): unknown {
  if (text === undefined || text === '') return undefined;
  return form.test(text) ? JSON.parse(text) : text;
}

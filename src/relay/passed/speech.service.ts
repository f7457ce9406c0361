import { Inject, Injectable } from '@nestjs/common';
import type { SoundAnswer } from '../../http/write-sound.js';
import { ProviderError } from '../../providers/canonical/provider-error.js';
import type { SpeechRequest } from '../../providers/canonical/speech.js';
import type { SpeechOperation } from '../../providers/provider.js';
import type { UpstreamResponse } from '../../providers/transport/upstream-client.js';
import type { Candidate } from '../../routing/candidate.js';
import { drainable, startWith } from '../answer-stream.js';
import type { Attempt } from '../attempt.js';
import { Attempts } from '../attempts.js';
import type { RelayAnswer } from '../relay-answer.js';
import type { RelayContext } from '../relay-context.js';
import type { RelayRun } from '../relay-run.js';
import { UpstreamSender } from '../upstream-sender.js';
import { EventShaper } from './answer-shaper.js';
import { type AdmittedRequest, PassedRequests } from './passed-requests.js';
import { PassedStreams } from './passed-streams.js';
import { ofSpeech } from './to-passed-request.js';
import { validateSpeech } from './validate-speech.js';

/** Of the formats that OpenAI has, where an upstream leaves it out. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  opus: 'audio/ogg',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
};
/** Types in which no sound comes. */
const NO_SOUND = /\b(?:json|html|xml|event-stream)\b|^text\//;

/** Sound that has begun to come, and what it is. */
interface Sound {
  readonly chunk: Uint8Array;
  readonly contentType: string;
}

/** audio/speech: sound as it comes, or its events. */
@Injectable()
export class SpeechService {
  constructor(
    @Inject(PassedRequests) private readonly requests: PassedRequests,
    @Inject(PassedStreams) private readonly streams: PassedStreams,
    @Inject(Attempts) private readonly attempts: Attempts,
    @Inject(UpstreamSender) private readonly sender: UpstreamSender,
  ) {}

  /** @throws HubError before the first byte of the answer. */
  async speak(context: RelayContext, body: Uint8Array): Promise<RelayAnswer> {
    context.capture?.takeRequest(body);
    const read = validateSpeech(body);
    const { request } = read;
    const admitted = await this.requests.admit(context, ofSpeech(read));
    if (!('run' in admitted)) return admitted;
    const { run } = admitted;
    if (!request.isEvents) return await this.sound(admitted, request);
    const answer = await this.streams.answer(admitted, {
      choiceCount: 1,
      toShaper: (progress) => new EventShaper(progress),
      post: (attempt) => this.post(run, request, attempt),
      open: ({ candidate }) => openStream(candidate, request),
      fromWhole: (_bytes, contentType) => {
        throw noSound(`The upstream answered "${contentType}" although events were asked for.`);
      },
    });
    return { ...answer, toCaptured: withoutSound };
  }

  /** Waits for the first sound, so that an early failure is still an answer with its own status. */
  private async sound(admitted: AdmittedRequest, request: SpeechRequest): Promise<SoundAnswer> {
    const { run } = admitted;
    const sounds = this.sounds(admitted, request);
    const begun = await sounds.next();
    const contentType = begun.done === true ? '' : begun.value.contentType;
    const all = startWith(Promise.resolve(begun), sounds);
    const chunks = drainable(run, {
      next: async (): Promise<IteratorResult<Uint8Array, void>> => {
        const next = await all.next();
        return next.done === true ? next : { done: false, value: next.value.chunk };
      },
      return: async (): Promise<IteratorResult<Uint8Array, void>> => {
        await sounds.return();
        return { done: true, value: undefined };
      },
    });
    return { kind: 'sound', headers: run.headers, contentType, chunks, signal: run.signal };
  }

  private async *sounds({ run, choice }: AdmittedRequest, request: SpeechRequest): AsyncGenerator<Sound, void> {
    try {
      yield* this.attempts.streamEach(run, choice, (attempt) => this.soundsOf(run, request, attempt));
      // The answer has no length, so that the caller sees its end only after this.
      await run.finish('done');
    } finally {
      await run.finish('failed');
    }
  }

  private async *soundsOf(run: RelayRun, request: SpeechRequest, attempt: Attempt): AsyncGenerator<Sound, void> {
    const { body, headers } = await this.post(run, request, attempt);
    try {
      const told = (headers['content-type'] ?? '').toLowerCase();
      if (NO_SOUND.test(told)) throw noSound(`The upstream answered "${told}" instead of sound.`);
      const contentType = toMediaType(headers['content-type'], request.format);
      let hasCome = false;
      for (let chunk = await body.next(); chunk !== undefined; chunk = await body.next()) {
        if (chunk.length === 0) continue;
        // The text is paid from the first sound on; a hub that is killed meanwhile leaves that behind.
        if (!hasCome) await run.pay('', 0);
        hasCome = true;
        attempt.noteContent();
        run.noteContent();
        yield { chunk, contentType };
      }
      if (!hasCome) throw noSound('The upstream answered without any sound.');
    } finally {
      if (!body.isOver) body.abort(new Error('The sound is no longer wanted.'));
    }
  }

  private post(run: RelayRun, request: SpeechRequest, attempt: Attempt): Promise<UpstreamResponse> {
    const { candidate } = attempt;
    const operation = operationOf(candidate);
    return this.sender.postJson(run, attempt, operation.path, operation.toBody(request, candidate.target));
  }
}

function operationOf({ provider }: Candidate): SpeechOperation {
  if (provider.speech === undefined) throw new Error(`The provider "${provider.id}" has no speech operation.`);
  return provider.speech;
}

function openStream(candidate: Candidate, request: SpeechRequest) {
  const reader = operationOf(candidate).openStream?.(candidate.target, request);
  if (reader === undefined) throw new Error(`The provider "${candidate.provider.id}" has no events of speech.`);
  return reader;
}

/** A type that a header can carry and that says something; else that of the format that was asked for. */
function toMediaType(told: string | undefined, format: string): string {
  const isUseful = told !== undefined && /^[\x20-\x7e]{1,128}$/.test(told) && !told.includes('octet-stream');
  return isUseful ? told : (MEDIA_TYPES[format] ?? 'application/octet-stream');
}

function noSound(message: string): ProviderError {
  return new ProviderError({ kind: 'invalid_response', message });
}

function withoutSound(event: string): string {
  return event.replace(/"audio":"[^"]*"/g, '"audio":"..."');
}

import type { ApiOperationSpec, LocalizedText } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { eventStream } from './event-stream.js';
import { generationErrors, ROUTE_HEADERS } from './responses.js';

const EVENT = { type: 'object', required: ['type'], properties: { type: { type: 'string' } } };
const FORM: LocalizedText = {
  en: 'A multipart form. The length of the sound is read from its container, and decides what is set aside.',
  zh: '使用 multipart 表单；音频时长从容器头读取，用于预留额度。',
};

/** A transcription or translation. */
function uploadOperation(id: string, path: string, summary: LocalizedText): ApiOperationSpec {
  return {
    id,
    tag: 'audio',
    summary,
    description: FORM,
    auth: 'apiKey',
    body: { content: [{ type: 'multipart/form-data', schema: ref('TranscriptionRequest') }] },
    responses: {
      200: {
        description: { en: 'The transcript, whole or as a stream.', zh: '转写结果，完整返回或流式返回。' },
        headers: ROUTE_HEADERS,
        content: [
          {
            type: 'application/json',
            schema: ref('TranscriptionResponse'),
            examples: [
              {
                name: 'json',
                summary: { en: 'As JSON', zh: 'JSON 格式' },
                value: { text: 'Hello.', usage: { type: 'duration', seconds: 2 } },
              },
            ],
          },
          { type: 'text/plain', schema: { type: 'string' } },
          eventStream(
            [EVENT, ref('OpenAiError')],
            {
              en: 'Events `transcript.text.delta` and `transcript.text.done`, then `[DONE]`.',
              zh: '事件 `transcript.text.delta` 与 `transcript.text.done`，以 `[DONE]` 结束。',
            },
            {
              summary: { en: 'With `stream: true`', zh: '`stream: true` 时' },
              value: 'data: {"type":"transcript.text.done","text":"Hello."}\n\ndata: [DONE]\n\n',
            },
          ),
        ],
      },
      ...generationErrors,
    },
    curl: `curl -X POST {origin}/api/relay/v1/${path} \\
  -H "Authorization: Bearer {key}" \\
  -F model=whisper-1 \\
  -F file=@speech.mp3`,
  };
}

/** `POST /api/relay/v1/audio/transcriptions` */
export const transcriptionsOperation: ApiOperationSpec = uploadOperation(
  'createTranscription',
  'audio/transcriptions',
  { en: 'Transcribe sound (OpenAI-compatible)', zh: '语音转文字（OpenAI 兼容）' },
);

/** `POST /api/relay/v1/audio/translations` */
export const translationsOperation: ApiOperationSpec = uploadOperation('createTranslation', 'audio/translations', {
  en: 'Translate sound into English text (OpenAI-compatible)',
  zh: '语音翻译为英文文本（OpenAI 兼容）',
});

/** `POST /api/relay/v1/audio/speech` */
export const speechOperation: ApiOperationSpec = {
  id: 'createSpeech',
  tag: 'audio',
  summary: { en: 'Text to speech (OpenAI-compatible)', zh: '文字转语音（OpenAI 兼容）' },
  auth: 'apiKey',
  body: {
    content: [
      {
        type: 'application/json',
        schema: ref('SpeechRequest'),
        examples: [
          {
            name: 'simple',
            summary: { en: 'One sentence', zh: '一句话' },
            value: { model: 'tts-1', voice: 'alloy', input: 'Hello there.' },
          },
        ],
      },
    ],
  },
  responses: {
    200: {
      description: {
        en: 'The sound, as it is made. When it breaks off the connection is cut.',
        zh: '边生成边返回的音频；中断时连接会被切断。',
      },
      headers: ROUTE_HEADERS,
      content: [
        { type: 'audio/mpeg', schema: { type: 'string', contentMediaType: 'audio/mpeg' } },
        eventStream(
          [EVENT, ref('OpenAiError')],
          {
            en: 'Events `speech.audio.delta` and `speech.audio.done`, then `[DONE]`.',
            zh: '事件 `speech.audio.delta` 与 `speech.audio.done`，以 `[DONE]` 结束。',
          },
          {
            summary: { en: 'With `stream_format: sse`', zh: '`stream_format: sse` 时' },
            value: 'data: {"type":"speech.audio.delta","audio":"..."}\n\ndata: [DONE]\n\n',
          },
        ),
      ],
    },
    ...generationErrors,
  },
  curl: `curl -X POST {origin}/api/relay/v1/audio/speech \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"tts-1","voice":"alloy","input":"Hello there."}' -o speech.mp3`,
};

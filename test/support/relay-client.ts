import type { TestHub } from './hub.js';
import { until } from './until.js';

/** What a client saw of a chat stream. */
export interface SeenStream {
  readonly status: number;
  readonly headers: Headers;
  /** Every byte, as text. */
  readonly text: string;
  /** The JSON of all `data:` events but `[DONE]`. */
  readonly events: readonly SeenChunk[];
  /** The content of the first choice. */
  readonly content: string;
  /** The error event, if there was one. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
  /** The stream ended in one `[DONE]`. */
  readonly isDone: boolean;
}

/** A chunk or an error event, as far as tests look into it. */
export interface SeenChunk {
  readonly id?: string;
  readonly model?: string;
  readonly choices?: readonly { delta: { role?: string; content?: string }; finish_reason: string | null }[];
  readonly usage?: { prompt_tokens: number; completion_tokens: number } | null;
  readonly error?: { code: string; message: string };
}

const CHAT_PATH = '/api/relay/v1/chat/completions';

/** Asks for a chat completion; `body` adds to or replaces parts of a plain request. */
export function askChat(hub: TestHub, body: Readonly<Record<string, unknown>> = {}): Promise<Response> {
  return hub.post(CHAT_PATH, { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], ...body });
}

/** Asks for a chat stream and reads it to its end. */
export async function streamChat(hub: TestHub, body: Readonly<Record<string, unknown>> = {}): Promise<SeenStream> {
  return await readStream(await askChat(hub, { stream: true, ...body }));
}

/** Reads a chat stream to its end. */
export async function readStream(response: Response): Promise<SeenStream> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, ...readEvents(text) };
}

function readEvents(text: string): Pick<SeenStream, 'events' | 'content' | 'error' | 'isDone'> {
  const data = text
    .split('\n\n')
    .filter((block) => block.startsWith('data: '))
    .map((block) => block.slice('data: '.length));
  const events = data.filter((item) => item !== '[DONE]').map((item) => JSON.parse(item) as SeenChunk);
  return {
    events,
    content: events.map((event) => event.choices?.[0]?.delta.content ?? '').join(''),
    error: events.find((event) => event.error !== undefined)?.error,
    isDone: data.filter((item) => item === '[DONE]').length === 1 && text.endsWith('data: [DONE]\n\n'),
  };
}

/** The error of an answer in OpenAI's envelope, with its status. */
export async function readError(response: Response): Promise<{ status: number; code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, code: error.code, message: error.message };
}

/** The one log line of a request, found by the id that its answer carries. */
export async function requestLine(
  hub: TestHub,
  answer: { readonly headers: Headers },
): Promise<Record<string, unknown>> {
  const id = answer.headers.get('x-request-id');
  return await until(() => hub.logs.find((line) => line['id'] === id && line['msg'] === 'request'));
}

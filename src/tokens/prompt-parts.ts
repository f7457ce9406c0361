import { isObject } from '../common/is-object.js';
import { imageTokens } from './image-tokens.js';
import { familyOf } from './model-family.js';
import { readImageSize } from './read-image-size.js';
import { SchemaText } from './schema-text.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** What a request asks for. */
export type PromptKind =
  | 'chat'
  | 'embeddings'
  | 'images'
  | 'completions'
  | 'moderations'
  | 'speech'
  | 'transcriptions'
  | 'rerank';

/** A prompt, ready to be counted: the tokens that are known by rule, and the texts that must be tokenised. */
export interface PromptParts {
  readonly texts: readonly string[];
  /** Tokens of the model itself, pictures and overhead: no factor applies to them. */
  readonly tokens: number;
  /** UTF-16 units of all texts. */
  readonly chars: number;
}

/** Each message costs this much besides its role and content, and so does the start of the answer. */
const MESSAGE_TOKENS = 3;
const ANSWER_START_TOKENS = 3;
const NAME_TOKENS = 1;
const TOOL_CALL_TOKENS = 3;
const TOOLS_TOKENS = 9;
const NAMED_CHOICE_TOKENS = 4;
/** One token each in the encodings the hub carries. */
const ONE_TOKEN_ROLES = new Set<unknown>(['system', 'developer', 'user', 'assistant', 'tool', 'function']);
/**
 * What cannot be seen from here, on the high side. Sound: 32 tokens a second (Gemini's figure) of the smallest usual
 * rates, 8 KB/s of mp3 and 32 KB/s of wav. A document: 1,500 tokens a page (Anthropic's lower figure), 60 KB a page.
 */
const MP3_BYTES_PER_TOKEN = 256;
const WAV_BYTES_PER_TOKEN = 1024;
const DOCUMENT_BYTES_PER_TOKEN = 40;
const DOCUMENT_TOKENS_MIN = 1500;
/** Half a minute at 263 tokens a second (Gemini's figure). */
const VIDEO_TOKENS = 7890;
/** The rest of a tool list that is too large to be looked at. */
const BYTES_PER_TOKEN_UNSEEN = 4;

/**
 * Reads a request body into what must be counted. Hostile shapes give some count, never an error.
 * @param value the parsed body.
 * @param byteLength its size, for what is too large to be looked at.
 */
export function readPrompt(kind: PromptKind, value: JsonObject, byteLength: number, model: string): PromptParts {
  const reader = new PromptReader(model, byteLength);
  READERS[kind](reader, value);
  return reader;
}

const READERS: Readonly<Record<PromptKind, (reader: PromptReader, value: JsonObject) => void>> = {
  chat: (reader, value) => reader.chat(value),
  embeddings: (reader, value) => reader.inputs(value['input']),
  images: (reader, value) => reader.text(value['prompt']),
  completions: (reader, value) => {
    reader.inputs(value['prompt']);
    reader.text(value['suffix']);
  },
  moderations: (reader, value) => reader.inputs(value['input']),
  speech: (reader, value) => {
    reader.text(value['input']);
    reader.text(value['instructions']);
  },
  transcriptions: (reader, value) => reader.text(value['prompt']),
  rerank: (reader, value) => reader.rerank(value),
};

class PromptReader implements PromptParts {
  readonly texts: string[] = [];
  tokens = 0;
  chars = 0;

  constructor(
    private readonly model: string,
    private readonly byteLength: number,
  ) {}

  text(value: unknown): void {
    if (typeof value !== 'string' || value === '') return;
    this.texts.push(value);
    this.chars += value.length;
  }

  chat(value: JsonObject): void {
    const { messages } = value;
    if (Array.isArray(messages)) for (const message of messages) if (isObject(message)) this.message(message);
    this.tokens += ANSWER_START_TOKENS;
    this.tools(value);
    const format = value['response_format'];
    if (isObject(format) && isObject(format['json_schema'])) this.schema((text) => text.json(format['json_schema']));
  }

  /** Each document is read together with the query. */
  rerank({ query, documents }: JsonObject): void {
    if (!Array.isArray(documents)) return;
    for (const document of documents) {
      this.text(query);
      this.inputs(document);
    }
  }

  /** Embeddings and their like: texts, parts with texts, or tokens, which count themselves. */
  inputs(input: unknown): void {
    if (typeof input === 'string') this.text(input);
    else if (isObject(input)) this.text(input['text']);
    else if (Array.isArray(input)) {
      if (typeof input[0] === 'number') this.tokens += input.length;
      else for (const item of input) this.inputs(item);
    }
  }

  private message(message: JsonObject): void {
    this.tokens += MESSAGE_TOKENS;
    if (ONE_TOKEN_ROLES.has(message['role'])) this.tokens++;
    else this.text(message['role']);
    if (typeof message['name'] === 'string') {
      this.text(message['name']);
      this.tokens += NAME_TOKENS;
    }
    this.content(message['content']);
    this.text(message['refusal']);
    this.text(message['reasoning_content']);
    const calls = message['tool_calls'];
    if (Array.isArray(calls)) for (const call of calls) if (isObject(call)) this.toolCall(call);
    if (isObject(message['function_call'])) this.call(message['function_call']);
  }

  private content(content: unknown): void {
    if (typeof content === 'string') this.text(content);
    else if (Array.isArray(content)) for (const part of content) if (isObject(part)) this.part(part);
  }

  private part(part: JsonObject): void {
    switch (part['type']) {
      case 'image_url':
        this.image(part['image_url']);
        return;
      case 'input_audio':
        this.audio(part['input_audio']);
        return;
      case 'file':
        this.file(part['file']);
        return;
      case 'video_url':
        this.tokens += VIDEO_TOKENS;
        return;
      default:
        this.text(part['text']);
        this.text(part['refusal']);
        this.text(part['thinking']);
    }
  }

  private image(image: unknown): void {
    // OpenAI's object, or the bare link that some clients send.
    const url = isObject(image) ? image['url'] : image;
    const isLow = isObject(image) && image['detail'] === 'low';
    const size = typeof url === 'string' ? readImageSize(url) : undefined;
    this.tokens += imageTokens(this.model, size, isLow);
  }

  private audio(audio: unknown): void {
    if (!isObject(audio) || typeof audio['data'] !== 'string') return;
    const perToken = audio['format'] === 'wav' ? WAV_BYTES_PER_TOKEN : MP3_BYTES_PER_TOKEN;
    this.tokens += Math.ceil(base64Bytes(audio['data']) / perToken);
  }

  private file(file: unknown): void {
    const data = isObject(file) ? file['file_data'] : undefined;
    const bytes = typeof data === 'string' ? base64Bytes(data) : 0;
    this.tokens += Math.max(DOCUMENT_TOKENS_MIN, Math.ceil(bytes / DOCUMENT_BYTES_PER_TOKEN));
  }

  private toolCall(call: JsonObject): void {
    if (isObject(call['function'])) this.call(call['function']);
    if (isObject(call['custom'])) this.call(call['custom']);
  }

  private call(body: JsonObject): void {
    this.tokens += TOOL_CALL_TOKENS;
    this.text(body['name']);
    this.text(body['arguments']);
    this.text(body['input']);
  }

  private tools(value: JsonObject): void {
    const definitions: unknown[] = [];
    for (const name of ['tools', 'functions']) {
      const list = value[name];
      if (!Array.isArray(list)) continue;
      for (const tool of list) {
        if (!isObject(tool)) continue;
        if (isObject(tool['custom'])) this.custom(tool['custom']);
        definitions.push(isObject(tool['function']) ? tool['function'] : (tool['custom'] ?? tool));
      }
    }
    if (definitions.length === 0) return;
    this.schema((text) => text.functions(definitions));
    this.tokens += TOOLS_TOKENS + familyOf(this.model).toolPromptTokens;
    this.choice(value['tool_choice'] ?? value['function_call']);
  }

  /** A tool with a grammar: its description is counted with the others. */
  private custom(custom: JsonObject): void {
    const format = custom['format'];
    const grammar = isObject(format) ? format['grammar'] : undefined;
    if (isObject(grammar)) this.text(grammar['definition']);
    else if (isObject(format)) this.text(format['definition']);
  }

  private choice(choice: unknown): void {
    if (choice === 'none') this.tokens++;
    if (!isObject(choice)) return;
    const named = isObject(choice['function']) ? choice['function'] : choice;
    this.tokens += NAMED_CHOICE_TOKENS;
    this.text(named['name']);
  }

  private schema(write: (text: SchemaText) => string): void {
    const text = new SchemaText();
    this.text(write(text));
    if (text.isCut) this.tokens += Math.ceil(this.byteLength / BYTES_PER_TOKEN_UNSEEN);
  }
}

function base64Bytes(data: string): number {
  return Math.ceil((data.length * 3) / 4);
}

import fc from 'fast-check';

/** One request of the fuzz test. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** What stands in for the API key: the right one, or this. */
  readonly key: string | undefined;
}

const RELAY = '/api/relay/v1';
const BOUNDARY = 'fuzz';

const CHAT = {
  model: 'gpt-4',
  messages: [{ role: 'user', content: 'hello' }],
  stream: false,
  max_tokens: 5,
  n: 1,
  seed: 1,
  user: 'u',
  stop: ['x'],
  tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
};
const TEMPLATES: readonly (readonly [path: string, body: Readonly<Record<string, unknown>>])[] = [
  [`${RELAY}/chat/completions`, CHAT],
  [`${RELAY}/chat/completions`, { ...CHAT, stream: true, stream_options: { include_usage: true } }],
  [
    `${RELAY}/embeddings`,
    { model: 'text-embedding-3-small', input: ['a', 'b'], encoding_format: 'base64', dimensions: 8 },
  ],
  [`${RELAY}/images/generations`, { model: 'dall-e-2', prompt: 'x', n: 1, size: '256x256', response_format: 'url' }],
  [`${RELAY}/images/edits`, { model: 'dall-e-2', prompt: 'x', images: [{ image_url: 'data:image/png;base64,AA==' }] }],
];
const FIELDS = [...new Set(TEMPLATES.flatMap(([, body]) => Object.keys(body)))];

const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    '\0',
    '\ud800',
    -1,
    0,
    1.5,
    1e308,
    [],
    {},
    [[]],
    [null],
    { type: 'x' },
    'x'.repeat(5000),
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc
    .record({ role: fc.constantFrom('user', 'assistant', 'tool', ''), content: fc.jsonValue({ maxDepth: 1 }) })
    .map((m) => [m]),
);
const change = fc.tuple(
  fc.oneof(fc.constantFrom(...FIELDS, '__proto__', 'constructor'), fc.string({ maxLength: 8 })),
  oddValue,
);

/** A good body with fields replaced, added and taken out. */
function changedText(body: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(change, { maxLength: 2 }), fc.subarray(Object.keys(body), { maxLength: 1 }))
    .map(([changes, removed]) => {
      const left = Object.entries(body).filter(([name]) => !removed.includes(name));
      const members = [...left, ...changes].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
      // Now and then a change repeats a field that is there already: a duplicate.
      return `{${members.join(',')}}`;
    });
}

/** Bytes with a piece replaced, doubled or cut off. */
function brokenBytes(text: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(text, fc.nat(), fc.nat({ max: 8 }), fc.uint8Array({ maxLength: 6 }))
    .map(([whole, at, cut, insert]) => {
      const bytes = Buffer.from(whole);
      const index = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, index), insert, bytes.subarray(index + cut)]);
    });
}

function bodyOf(template: Readonly<Record<string, unknown>>): fc.Arbitrary<Buffer> {
  const text = changedText(template);
  return fc.oneof(
    { arbitrary: text.map((whole) => Buffer.from(whole)), weight: 6 },
    { arbitrary: brokenBytes(text), weight: 3 },
    { arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)), weight: 1 },
  );
}

const formText = fc
  .array(
    fc.tuple(
      fc.constantFrom('model', 'prompt', 'image', 'image[]', 'n', 'stream', 'x', '../x', ''),
      fc.constantFrom('', '; filename="a.png"', '; filename="../../x"', '; name="model"', "; filename*=UTF-8''x"),
      fc.oneof(fc.constantFrom('dall-e-2', 'x', '1', 'true', ''), fc.string({ maxLength: 20 })),
    ),
    { maxLength: 6 },
  )
  .map((parts) => {
    const texts = parts.map(
      ([name, file, value]) =>
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`,
    );
    return `${texts.join('')}--${BOUNDARY}--\r\n`;
  });

// What Node's client lets through: visible ASCII and Latin-1.
const headerValue = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code < 0x7f || code > 0x9f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 30,
});
const extraHeaders = fc.dictionary(
  fc.constantFrom(
    'accept',
    'accept-encoding',
    'content-encoding',
    'cookie',
    'idempotency-key',
    'origin',
    'range',
    'te',
    'x-forwarded-for',
    'x-http-method-override',
    'x-request-id',
    'forwarded',
    'expect-ct',
  ),
  headerValue,
  { maxKeys: 2 },
);
const contentType = fc.oneof(
  { arbitrary: fc.constantFrom('application/json', 'application/json; charset=utf-8'), weight: 8 },
  {
    arbitrary: fc.constantFrom(
      'text/plain',
      'application/jsonx',
      'multipart/form-data',
      'multipart/form-data; boundary="',
    ),
    weight: 1,
  },
  { arbitrary: headerValue.filter((text) => text.trim() !== ''), weight: 1 },
);
const key = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 12 },
  { arbitrary: fc.oneof(headerValue, fc.stringMatching(/^Bearer sk_live_[0-9A-Za-z]{36}$/)), weight: 1 },
);

const posted = fc
  .constantFrom(...TEMPLATES)
  .chain(([path, template]) => fc.tuple(fc.constant(path), bodyOf(template), contentType))
  .map(([path, body, type]) => ({ method: 'POST', path, body, type }));

const form = fc
  .oneof(
    { arbitrary: formText.map((text) => Buffer.from(text)), weight: 3 },
    { arbitrary: brokenBytes(formText), weight: 1 },
  )
  .map((body) => ({
    method: 'POST',
    path: `${RELAY}/images/edits`,
    body,
    type: `multipart/form-data; boundary=${BOUNDARY}`,
  }));

const queryValue = fc.oneof(
  fc.constantFrom(
    'gpt-4',
    'true',
    'false',
    '1',
    '1e5',
    '9007199254740993',
    '[]',
    '[{"role":"user","content":"x"}]',
    '%ZZ',
    '%00',
  ),
  fc.string({ maxLength: 12 }).map((text) => encodeURIComponent(text.toWellFormed())),
);
const asked = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom(...FIELDS, 'temperature', '__proto__'), fc.string({ maxLength: 4 }).map(encodeSafely)),
      queryValue,
    ),
    { maxLength: 3 },
  )
  .map((pairs) => {
    const query = [['model', 'gpt-4'], ['messages', encodeURIComponent('[{"role":"user","content":"x"}]')], ...pairs];
    return {
      method: 'GET',
      path: `${RELAY}/chat/completions?${query.map((pair) => pair.join('=')).join('&')}`,
      body: undefined,
      type: undefined,
    };
  });

const segment = fc.oneof(
  fc.constantFrom(
    'models',
    'chat',
    'completions',
    'images',
    'edits',
    'v1',
    '..',
    '.',
    '',
    '%2e%2e',
    '%2f',
    '%00',
    '%zz',
    ';a=b',
    'gpt-4',
  ),
  fc.string({ maxLength: 6 }).map(encodeSafely),
);
const wandered = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
    fc.constantFrom(RELAY, `${RELAY}/models`, '/api'),
    fc.array(segment, { maxLength: 4 }),
  )
  .map(([method, prefix, segments]) => ({
    method,
    path: [prefix, ...segments].join('/'),
    body: undefined,
    type: undefined,
  }));

function encodeSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Requests for all relay routes: good ones, changed ones and broken ones. */
export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc
  .tuple(
    fc.oneof(
      { arbitrary: posted, weight: 6 },
      { arbitrary: form, weight: 2 },
      { arbitrary: asked, weight: 2 },
      { arbitrary: wandered, weight: 2 },
    ),
    extraHeaders,
    key,
  )
  .map(([{ method, path, body, type }, headers, wrongKey]) => ({
    method,
    path,
    headers: type === undefined ? headers : { ...headers, 'content-type': type },
    body,
    key: wrongKey,
  }));

import type { Language } from '../page/language.js';

/** A sample program. `origin` is the public URL without a trailing slash, `key` an API key. */
type Sample = (origin: string, key: string, language: Language) => string;

const comment = (language: Language, en: string, zh: string): string => (language === 'zh' ? zh : en);

/**
 * The JavaScript sample of the API document, word for word. It has two traps that the document's notes and the sturdy samples below
 * speak of: an EventSource of browsers sends no headers, and a read may end inside a line.
 */
export const documentStreamSample: Sample = (origin, key, language) => `const evtSource = new EventSource(
  '${origin}/api/relay/v1/chat/completions?' +
  new URLSearchParams({
    model: 'gpt-4',
    messages: JSON.stringify([
      { role: 'user', content: '你好' }
    ]),
    stream: 'true'
  }),
  { headers: { Authorization: 'Bearer ${key}' } }
);

// ${comment(language, 'Note: SSE cannot send custom headers; fetch + ReadableStream is recommended', '注意:SSE 不支持自定义 Header,建议使用 fetch + ReadableStream 方式')}
const response = await fetch('/api/relay/v1/chat/completions', {
  method: 'POST',
  headers: {
    'Authorization': 'Bearer ${key}',
    'Content-Type': 'application/json'
  },
  body: JSON.stringify({
    model: 'gpt-4',
    messages: [{ role: 'user', content: '你好' }],
    stream: true
  })
});

const reader = response.body.getReader();
const decoder = new TextDecoder();

while (true) {
  const { done, value } = await reader.read();
  if (done) break;
  const chunk = decoder.decode(value, { stream: true });
  // ${comment(language, 'Parse the SSE format: ', '解析 SSE 格式:')}data: {...}\\n\\n
  const lines = chunk.split('\\n').filter(l => l.startsWith('data: '));
  for (const line of lines) {
    const data = line.slice(6);
    if (data === '[DONE]') return;
    const parsed = JSON.parse(data);
    const content = parsed.choices?.[0]?.delta?.content ?? '';
    process.stdout.write(content); // ${comment(language, 'typewriter effect', '打字机效果')}
  }
}`;

/** Streams with fetch. Runs as it is in Node (as a module) and, but for `process.stdout`, in browsers. */
export const fetchSample: Sample = (origin, key, language) => `async function main() {
  const response = await fetch('${origin}/api/relay/v1/chat/completions', {
    method: 'POST',
    headers: {
      'Authorization': 'Bearer ${key}',
      'Content-Type': 'application/json'
    },
    body: JSON.stringify({
      model: 'gpt-4',
      messages: [{ role: 'user', content: '你好' }],
      stream: true
    })
  });
  if (!response.ok) throw new Error((await response.json()).message);

  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let buffer = '';

  while (true) {
    const { done, value } = await reader.read();
    if (done) throw new Error('The stream ended before [DONE]');
    buffer += decoder.decode(value, { stream: true });
    // ${comment(language, 'An empty line ends an event; a read may end inside one', '空行表示一个事件结束；一次读取可能停在事件中间')}
    const events = buffer.split('\\n\\n');
    buffer = events.pop();
    for (const event of events) {
      if (!event.startsWith('data: ')) continue;
      const data = event.slice(6);
      if (data === '[DONE]') return;
      const parsed = JSON.parse(data);
      if (parsed.error) throw new Error(parsed.error.message);
      const content = parsed.choices?.[0]?.delta?.content ?? '';
      process.stdout.write(content); // ${comment(language, 'typewriter effect', '打字机效果')}
    }
  }
}

await main();`;

/** Streams with the `eventsource` package, whose fetch can be given a header. */
export const eventSourceSample: Sample = (origin, key, language) => `// npm install eventsource
import { EventSource } from 'eventsource';

const source = new EventSource(
  '${origin}/api/relay/v1/chat/completions?' +
  new URLSearchParams({
    model: 'gpt-4',
    messages: JSON.stringify([
      { role: 'user', content: '你好' }
    ]),
    stream: 'true'
  }),
  {
    fetch: (url, init) => fetch(url, {
      ...init,
      headers: { ...init.headers, Authorization: 'Bearer ${key}' }
    })
  }
);

source.onmessage = (event) => {
  // ${comment(language, 'Without close() an EventSource asks again, and pays again', '不调用 close() 会自动重连并再次计费')}
  if (event.data === '[DONE]') return source.close();
  const parsed = JSON.parse(event.data);
  if (parsed.error) {
    source.close();
    throw new Error(parsed.error.message);
  }
  process.stdout.write(parsed.choices?.[0]?.delta?.content ?? '');
};
source.onerror = (event) => {
  source.close();
  console.error(event.message ?? 'The stream ended before [DONE]');
};`;

/** Streams with the official Python SDK. */
export const pythonStreamSample: Sample = (origin, key, language) => `import openai

client = openai.OpenAI(
    api_key="${key}",
    base_url="${origin}/api/relay/v1"
)

# ${comment(language, 'stream the answer', '流式输出')}
stream = client.chat.completions.create(
    model="gpt-4",
    messages=[{"role": "user", "content": "你好"}],
    stream=True
)

for chunk in stream:
    content = chunk.choices[0].delta.content or ""
    print(content, end="", flush=True)  # ${comment(language, 'typewriter effect', '打字机效果')}`;

/** A video from the first word to the file with the official Python SDK. */
export const pythonVideoSample: Sample = (origin, key) => `import openai

client = openai.OpenAI(
    api_key="${key}",
    base_url="${origin}/api/relay/v1"
)

video = client.videos.create_and_poll(
    prompt="a cat runs over a meadow"
)
client.videos.download_content(video.id).write_to_file("cat.mp4")`;

/** One answer with the official Python SDK. */
export const pythonSample: Sample = (origin, key) => `import openai

client = openai.OpenAI(
    api_key="${key}",
    base_url="${origin}/api/relay/v1"
)

response = client.chat.completions.create(
    model="gpt-4",
    messages=[{"role": "user", "content": "你好"}]
)
print(response.choices[0].message.content)`;

/** One answer with Anthropic's official Node SDK. */
export const anthropicSample: Sample = (origin, key) => `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  apiKey: '${key}',
  baseURL: '${origin}/api/relay/anthropic',
});

const message = await client.messages.create({
  model: 'gpt-4',
  max_tokens: 1024,
  messages: [{ role: 'user', content: '你好' }],
});
console.log(message.content);`;

/** What Anthropic's command-line tools need to know. */
export const anthropicToolsSample: Sample = (
  origin,
  key,
  language,
) => `export ANTHROPIC_BASE_URL=${origin}/api/relay/anthropic
export ANTHROPIC_AUTH_TOKEN=${key}
# ${comment(language, 'where the hub has no model of the name that the tool asks for', '网关没有该工具默认请求的模型时设置')}
export ANTHROPIC_MODEL=gpt-4`;

/** One answer with the official Node SDK. */
export const nodeSample: Sample = (origin, key) => `import OpenAI from 'openai';

const client = new OpenAI({
  apiKey: '${key}',
  baseURL: '${origin}/api/relay/v1',
});

const response = await client.chat.completions.create({
  model: 'gpt-4',
  messages: [{ role: 'user', content: '你好' }],
});
console.log(response.choices[0].message.content);`;

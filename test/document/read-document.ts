import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The public API document, word for word as its page shows it. */
export const DOCUMENT = readFileSync(join(import.meta.dirname, 'api-document.zh.txt'), 'utf8');
/** The host of the document's examples. */
export const DOCUMENT_HOST = 'https://your-hub.com';

/** One block of code of the document. */
export interface DocumentExample {
  /** The line above it, such as `请求体`. */
  readonly title: string;
  readonly code: string;
}

/** Lines that stand above a block of code. */
const TITLES = [
  '所有公开接口需要在请求头带上 API Key:',
  '请求体',
  '响应体',
  'curl 示例',
  'JavaScript / TypeScript(fetch + ReadableStream)',
  'Python(openai SDK)',
  '安装',
  '使用',
];
/** Other lines that end one. */
const ENDS = /^(?:(?:POST|GET)\/api\/.*|公开接口|说明|JS|错误码|流式输出 \(SSE\))$/;

/** Every line that is not empty, in order, but for the trail of the page that the document was taken from. */
export function documentLines(): readonly string[] {
  return DOCUMENT.split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== 'UG AI 中心UG AI 中心/API 文档');
}

/** Method and path of every endpoint, without its query. */
export function documentEndpoints(): readonly { readonly method: string; readonly path: string }[] {
  return [...DOCUMENT.matchAll(/^(GET|POST)(\/api\/[a-z0-9/]+)/gm)].map(([, method = '', path = '']) => ({
    method,
    path,
  }));
}

/** Every block of code, in order. */
export function documentExamples(): readonly DocumentExample[] {
  const examples: { title: string; lines: string[] }[] = [];
  let current: string[] | undefined;
  for (const line of DOCUMENT.split('\n')) {
    if (TITLES.includes(line)) {
      current = [];
      examples.push({ title: line, lines: current });
    } else if (ENDS.test(line)) {
      current = undefined;
    } else {
      current?.push(line);
    }
  }
  return examples.map(({ title, lines }) => ({ title, code: lines.join('\n').trim() }));
}

import type { ChatMessage } from './chat-request.js';

type Language = 'zh' | 'ja' | 'ko' | 'en';

// Enough of the question to recognise it, not so much that a long prompt doubles.
const ECHO_LENGTH_MAX = 200;

/** The assistant's words: a sentence in the language of the question, with an echo of what was asked. */
export function composeText(messages: readonly ChatMessage[]): string {
  const last = messages.at(-1);
  const question = clip(messages.findLast((message) => message.role === 'user')?.text ?? '');
  const language = languageOf(question);
  if (last?.role === 'tool' || last?.role === 'function') return TOOL_RESULT[language](clip(last.text), question);
  return ANSWER[language](question);
}

const ANSWER: Readonly<Record<Language, (question: string) => string>> = {
  zh: (question) =>
    `你好!这是 UG AI Hub 沙盒的演示回答。你刚才说的是:“${question}”。接入真实的服务商之后,这里会由模型来回答。`,
  ja: (question) =>
    `こんにちは。これは UG AI Hub サンドボックスのデモ回答です。ご質問は「${question}」でした。実際のプロバイダーを接続すると、モデルが回答します。`,
  ko: (question) =>
    `안녕하세요. 이것은 UG AI Hub 샌드박스의 데모 답변입니다. 질문은 “${question}”였습니다. 실제 제공자를 연결하면 모델이 답변합니다.`,
  en: (question) =>
    `Hello! This is a demo answer from the UG AI Hub sandbox. You said: "${question}". Connect a real provider and a model will answer here.`,
};

const TOOL_RESULT: Readonly<Record<Language, (result: string, question: string) => string>> = {
  zh: (result, question) => `关于“${question}”,工具返回的结果是:${result}`,
  ja: (result, question) => `「${question}」について、ツールの結果は次のとおりです: ${result}`,
  ko: (result, question) => `“${question}”에 대한 도구 결과는 다음과 같습니다: ${result}`,
  en: (result, question) => `About "${question}": the tool answered ${result}`,
};

function languageOf(text: string): Language {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja';
  if (/\p{Script=Hangul}/u.test(text)) return 'ko';
  return /\p{Script=Han}/u.test(text) ? 'zh' : 'en';
}

/** Cuts at a character, never inside a surrogate pair. */
function clip(text: string): string {
  const characters = [...text.trim()];
  return characters.length <= ECHO_LENGTH_MAX ? text.trim() : `${characters.slice(0, ECHO_LENGTH_MAX).join('')}…`;
}

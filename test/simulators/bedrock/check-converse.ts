import { refused } from './bedrock-error.js';

export type Wire = Readonly<Record<string, unknown>>;

const MEMBERS = new Set([
  'messages',
  'system',
  'inferenceConfig',
  'toolConfig',
  'additionalModelRequestFields',
  'additionalModelResponseFieldPaths',
  'guardrailConfig',
  'outputConfig',
  'performanceConfig',
  'promptVariables',
  'requestMetadata',
  'serviceTier',
]);
const INFERENCE = new Set(['maxTokens', 'temperature', 'topP', 'stopSequences']);
/** What a result of a tool may hold. */
const RESULT_KINDS = ['text', 'image', 'document'];
const BLOCKS: Readonly<Record<string, (value: Wire, where: string) => void>> = {
  text: () => undefined,
  image: checkMedia(['png', 'jpeg', 'gif', 'webp']),
  document: checkMedia(['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']),
  toolUse: ({ toolUseId, name, input }, where) => {
    if (!/^[\w-]{1,64}$/.test(String(toolUseId)) || !/^[\w-]{1,64}$/.test(String(name)))
      throw refused(`${where}: name or id`);
    if (!isObject(input)) throw refused(`${where}.input must be an object`);
  },
  toolResult: ({ content, status }, where) => {
    if (!Array.isArray(content)) throw refused(`${where}.content must be a list`);
    if (status !== undefined && status !== 'success' && status !== 'error') throw refused(`${where}.status`);
    for (const [i, block] of content.entries()) checkBlock(block, `${where}.content.${i}`, RESULT_KINDS);
  },
  reasoningContent: ({ reasoningText, redactedContent }, where) => {
    if (isObject(reasoningText) === (typeof redactedContent === 'string')) throw refused(`${where}: one of two`);
  },
  cachePoint: ({ type }, where) => {
    if (type !== 'default') throw refused(`${where}.type`);
  },
};

/** Refuses what the real API refuses. @throws BedrockError. */
export function checkConverse(body: unknown): Wire {
  if (!isObject(body)) throw refused('The body must be an object.');
  only(body, MEMBERS, '');
  const { messages, system, inferenceConfig } = body;
  if (!Array.isArray(messages) || messages.length === 0)
    throw refused("Value at 'messages' failed: Member must not be empty");
  const names: string[] = [];
  for (const [i, message] of messages.entries()) {
    const { role, content } = isObject(message) ? message : {};
    if (role !== (i % 2 === 0 ? 'user' : 'assistant'))
      throw refused('A conversation must alternate between user and assistant roles and start with a user message.');
    if (!Array.isArray(content) || content.length === 0) throw refused(`messages.${i}.content is empty`);
    for (const [j, block] of content.entries()) {
      checkBlock(block, `messages.${i}.content.${j}`);
      const document = isObject(block) ? block['document'] : undefined;
      if (isObject(document)) names.push(String(document['name']));
    }
    checkResults(messages[i - 1], content, `messages.${i}`);
  }
  if (new Set(names).size < names.length) throw refused('Document names must be unique.');
  if (system !== undefined) for (const [i, block] of (system as unknown[]).entries()) checkBlock(block, `system.${i}`);
  if (isObject(inferenceConfig)) checkInference(inferenceConfig);
  checkTools(body, JSON.stringify(messages));
  return body;
}

function checkBlock(block: unknown, where: string, kinds = Object.keys(BLOCKS)): void {
  const [entry, another] = isObject(block) ? Object.entries(block) : [];
  if (entry === undefined || another !== undefined) throw refused(`${where} must have one member`);
  const [kind, value] = entry;
  const check = BLOCKS[kind];
  if (check === undefined || !kinds.includes(kind)) throw refused(`${where}.${kind} is unknown`);
  if (kind === 'text') {
    if (typeof value !== 'string' || value.trim() === '')
      throw refused(`The text field in the ContentBlock object at ${where} is blank.`);
  } else if (isObject(value)) check(value, `${where}.${kind}`);
  else throw refused(`${where}.${kind} must be an object`);
}

function checkMedia(formats: readonly string[]): (value: Wire, where: string) => void {
  return ({ format, source, name }, where) => {
    if (!formats.includes(String(format))) throw refused(`${where}.format`);
    const bytes = isObject(source) ? source['bytes'] : undefined;
    if (typeof bytes !== 'string' || bytes === '' || Buffer.from(bytes, 'base64').toString('base64') !== bytes)
      throw refused(`${where}.source.bytes is not base64`);
    if (formats.includes('pdf') && !/^[A-Za-z0-9()[\]-]+(?: [A-Za-z0-9()[\]-]+)*$/.test(String(name)))
      throw refused(`${where}.name`);
  };
}

/** All calls of a turn are answered in the next, and nothing else is. */
function checkResults(before: unknown, content: readonly unknown[], where: string): void {
  const idsIn = (blocks: unknown, kind: string): string[] =>
    (Array.isArray(blocks) ? blocks : []).flatMap((block) => {
      const value: unknown = isObject(block) ? block[kind] : undefined;
      return isObject(value) ? [String(value['toolUseId'])] : [];
    });
  const asked = idsIn(isObject(before) ? before['content'] : undefined, 'toolUse').sort();
  const answered = idsIn(content, 'toolResult').sort();
  if (asked.join() !== answered.join()) throw refused(`${where}: expected toolResult blocks for ${asked.join()}`);
}

function checkInference(config: Wire): void {
  only(config, INFERENCE, 'inferenceConfig.');
  const { maxTokens, temperature, topP, stopSequences } = config;
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && Number(maxTokens) > 0))
    throw refused('inferenceConfig.maxTokens');
  for (const part of [temperature, topP]) {
    if (part !== undefined && !(Number(part) >= 0 && Number(part) <= 1)) throw refused('inferenceConfig: from 0 to 1');
  }
  if (stopSequences !== undefined && !Array.isArray(stopSequences)) throw refused('inferenceConfig.stopSequences');
}

function checkTools({ toolConfig }: Wire, messages: string): void {
  if (toolConfig === undefined) {
    if (/"tool(?:Use|Result)":/.test(messages))
      throw refused('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
    return;
  }
  const { tools, toolChoice } = isObject(toolConfig) ? toolConfig : {};
  if (!Array.isArray(tools) || tools.length === 0) throw refused('toolConfig.tools must not be empty');
  for (const tool of tools) {
    const { toolSpec, cachePoint } = isObject(tool) ? tool : {};
    const schema =
      isObject(toolSpec) && isObject(toolSpec['inputSchema']) ? toolSpec['inputSchema']['json'] : undefined;
    if (!isObject(cachePoint) && !(isObject(schema) && schema['type'] === 'object'))
      throw refused('toolConfig.tools: inputSchema');
  }
  if (toolChoice !== undefined && !['auto', 'any', 'tool'].includes(Object.keys(toolChoice as Wire).join()))
    throw refused('toolConfig.toolChoice');
}

function only(value: Wire, names: ReadonlySet<string>, where: string): void {
  for (const name in value) if (!names.has(name)) throw refused(`${where}${name} is unknown`);
}

function isObject(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { ChatRequest } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { ChatOptions, Target, UpstreamBody } from '../../provider.js';
import { editMessages } from './chat-messages.js';
import { outputCapOf } from './output-cap.js';
import type { BodyEdits, ChatDialect } from './vendor.js';
import { isObject } from './wire.js';

const NO_FIELDS: readonly string[] = [];
/** What the hub itself writes; a list of accepted fields never takes these out. */
const HUB_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
]);

/**
 * Translates a chat request for a vendor by splicing; every byte the hub does not own stays as the caller sent it.
 * @throws ProviderError `unsupported_option` with `param` for an option that can neither be honoured nor left out.
 */
export function toChatBody(
  dialect: ChatDialect,
  request: ChatRequest,
  target: Target,
  options: ChatOptions,
): UpstreamBody {
  const { source } = request;
  const model = target.upstreamModel;
  refuse(dialect, request, model);
  const isStream = request.isStream || dialect.isStreamOnly?.(model) === true;
  // Where the caller's own names become edits, `__proto__` has to be one like any other. Elsewhere a plain object is faster.
  const edits: BodyEdits = dialect.acceptedFields === undefined ? {} : Object.create(null);
  const droppedParams: string[] = [];
  if (source.value['model'] !== model) edits['model'] = JSON.stringify(model);
  if (source.has('user_identifier')) edits['user_identifier'] = undefined;
  editStream(dialect, request, isStream, edits);
  editOutputCap(dialect, request, model, options, edits);
  editFields(dialect, request, model, edits, droppedParams);
  const messages = editMessages(dialect, source.value['messages'], edits, droppedParams);
  dialect.adjust?.(source.value, edits, messages);
  if (options.prefill === undefined) return { body: source.splice(edits), droppedParams, isStream };
  editPrefill(dialect, request, options.prefill, edits);
  return { body: source.splice(edits), droppedParams, isStream, path: dialect.prefill?.path };
}

/** Adds the beginning of the answer as the last message; the others keep their bytes. */
function editPrefill({ prefill: rule }: ChatDialect, { source }: ChatRequest, prefill: string, edits: BodyEdits): void {
  if (rule === undefined) throw refusal('messages', 'This model does not go on from the beginning of an answer.');
  const message: Record<string, unknown> = { role: 'assistant', content: prefill };
  if (rule.mark !== undefined) message[rule.mark] = true;
  const messages = edits['messages'] ?? source.textOf('messages') ?? '[]';
  const end = messages.lastIndexOf(']');
  const separator = /^\s*\[\s*$/.test(messages.slice(0, end)) ? '' : ',';
  edits['messages'] = `${messages.slice(0, end)}${separator}${JSON.stringify(message)}]`;
  Object.assign(edits, rule.fields);
}

function refuse(dialect: ChatDialect, request: ChatRequest, model: string): void {
  const body = request.source.value;
  const { canGiveChoices } = dialect;
  if (canGiveChoices !== undefined && typeof body['n'] === 'number' && body['n'] > 1) {
    if (!(typeof canGiveChoices === 'function' ? canGiveChoices(model) : canGiveChoices)) {
      throw refusal('n', 'This model gives only one choice per request; leave out "n" or set it to 1.');
    }
  }
  const reason = dialect.refusal?.(body, model);
  if (reason !== undefined) throw refusal(reason.param, reason.message);
}

function refusal(param: string, message: string): ProviderError {
  return new ProviderError({ kind: 'unsupported_option', message, param, code: 'unsupported_parameter' });
}

function editStream(dialect: ChatDialect, request: ChatRequest, isStream: boolean, edits: BodyEdits): void {
  const { source } = request;
  if (isStream && source.value['stream'] !== true) edits['stream'] = 'true';
  if (!isStream || dialect.hasStreamOptions === false) {
    // Legal only on a stream. A vendor without it reports usage unasked, and the caller's wish is met by the relay.
    if (source.has('stream_options')) edits['stream_options'] = undefined;
    return;
  }
  const options = source.value['stream_options'];
  if (!isObject(options)) edits['stream_options'] = '{"include_usage":true}';
  else if (options['include_usage'] !== true)
    edits['stream_options'] = JSON.stringify({ ...options, include_usage: true });
}

function editOutputCap(
  dialect: ChatDialect,
  request: ChatRequest,
  model: string,
  options: ChatOptions,
  edits: BodyEdits,
): void {
  const { source, outputTokensCap: given } = request;
  const { name, isOtherNameTaken } = outputCapOf(dialect, model);
  const other = name === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  if (source.has(other) && (!isOtherNameTaken || request.isCapReworded === true)) {
    edits[other] = undefined;
    // The newer name wins when both are there. The text keeps the number as the caller spelled it.
    const isOwnGiven = source.value[name] !== undefined && source.value[name] !== null;
    const isNull = source.value[other] === null;
    if (!isNull && (!isOwnGiven || other === 'max_completion_tokens')) edits[name] = source.textOf(other);
  }
  if (given === undefined && options.outputTokensCap !== undefined) edits[name] = String(options.outputTokensCap);
}

function editFields(
  dialect: ChatDialect,
  request: ChatRequest,
  model: string,
  edits: BodyEdits,
  droppedParams: string[],
): void {
  const { source } = request;
  const { refusedFields = NO_FIELDS, acceptedFields, renamedFields } = dialect;
  const refused = typeof refusedFields === 'function' ? refusedFields(model, source.value) : refusedFields;
  const drop = (name: string): void => {
    edits[name] = undefined;
    // null means "not given" throughout OpenAI's surface, so nothing is lost with it.
    if (source.value[name] !== null) droppedParams.push(name);
  };
  for (const name of refused) if (source.has(name)) drop(name);
  if (renamedFields !== undefined) {
    for (const [from, to] of Object.entries(renamedFields)) {
      if (!source.has(from)) continue;
      edits[from] = undefined;
      if (!source.has(to)) edits[to] = source.textOf(from);
    }
  }
  if (acceptedFields !== undefined) {
    for (const name of Object.keys(source.value)) {
      if (!acceptedFields.has(name) && !HUB_FIELDS.has(name) && !(name in edits)) drop(name);
    }
  }
}

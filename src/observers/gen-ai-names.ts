import type { RelayOperation } from './relay-report.js';

/** Our ids of providers under their names in OpenTelemetry's gen_ai conventions, where these have one of their own. */
const PROVIDER_NAMES: ReadonlyMap<string, string> = new Map([
  ['gemini', 'gcp.gemini'],
  ['mistral', 'mistral_ai'],
  ['xai', 'x_ai'],
]);

/** `gen_ai.provider.name` of a provider. @param id as in a channel. */
export function toProviderName(id: string): string {
  return PROVIDER_NAMES.get(id) ?? id;
}

/** `gen_ai.operation.name` of an operation: the conventions know `chat`, `embeddings` and `text_completion`; others have our own names. */
export function toOperationName(operation: RelayOperation): string {
  if (operation === 'images') return 'image_generation';
  return operation === 'completions' ? 'text_completion' : operation;
}

import { unsupported, wrong } from './refusals.js';
import { isObject, isText } from './wire.js';

/** What a caller's `tool_choice` means. */
export interface ToolChoice {
  readonly mode: 'auto' | 'none' | 'required';
  /** The functions that may be called at all; undefined for any. */
  readonly only?: ReadonlySet<string>;
}

/**
 * Reads `tool_choice` for a format that cannot name functions in it: the others are then not shown to the model.
 * @param names of the functions among the tools.
 * @throws ProviderError for a choice of a function that is not there, or of another form.
 */
export function readToolChoice(choice: unknown, names: readonly string[]): ToolChoice {
  if (choice === undefined || choice === null || choice === 'auto') return { mode: 'auto' };
  if (choice === 'none' || choice === 'required') return { mode: choice };
  const body = isObject(choice) ? choice : {};
  if (body['type'] === 'function' && isObject(body['function'])) {
    return { mode: 'required', only: known([body['function']['name']], names) };
  }
  const allowed = body['allowed_tools'];
  if (body['type'] !== 'allowed_tools' || !isObject(allowed) || !Array.isArray(allowed['tools'])) {
    throw unsupported('tool_choice', 'This model does not know that "tool_choice".');
  }
  const only = allowed['tools'].map((tool: unknown) =>
    isObject(tool) && isObject(tool['function']) ? tool['function']['name'] : undefined,
  );
  return { mode: allowed['mode'] === 'required' ? 'required' : 'auto', only: known(only, names) };
}

function known(wanted: readonly unknown[], names: readonly string[]): ReadonlySet<string> {
  const missing = wanted.find((name) => !isText(name) || !names.includes(name));
  if (missing !== undefined || wanted.length === 0 || wanted.includes(undefined)) {
    throw wrong('tool_choice', `"tool_choice" names the function "${String(missing)}", which is not among the tools.`);
  }
  return new Set(wanted.filter(isText));
}

import { isObject } from '../../../common/is-object.js';
import { unsupported } from './refusals.js';

type Wire = Readonly<Record<string, unknown>>;

const WHERE_IT_IS_CHEAPEST: ReadonlySet<unknown> = new Set([undefined, null, 'global']);
const AS_FAST_AS_ALL: ReadonlySet<unknown> = new Set([undefined, null, 'standard']);
/** A tool that asks another model, named in it. */
const ADVISOR = /^advisor_/;

/**
 * Of a request in the vendor's own words, what would cost something else than its model, which is what is sold: the fast mode (several
 * times the price), and other models that answer in its place, which the caller may not even be allowed to use. Both are left out.
 * https://platform.claude.com/docs/en/build-with-claude/fast-mode, .../refusals-and-fallback
 * @returns names of members to take out; they are to be reported.
 * @throws ProviderError `unsupported_option` for what cannot be left out without doing what the caller does not want: another place,
 * which costs a tenth more, and a tool that asks another model.
 */
export function unpricedMembers(body: Wire): readonly string[] {
  const { inference_geo: place, speed, fallbacks, tools } = body;
  if (!WHERE_IT_IS_CHEAPEST.has(place))
    throw unsupported('inference_geo', 'The price of this model is for no certain place; leave out "inference_geo".');
  const advisor = Array.isArray(tools) ? tools.findIndex(isAdvisor) : -1;
  if (advisor !== -1)
    throw unsupported(
      `tools[${advisor}].type`,
      'This tool asks another model, which has a price of its own; leave it out.',
    );
  return [
    ...(AS_FAST_AS_ALL.has(speed) ? [] : ['speed']),
    ...(fallbacks === undefined || fallbacks === null ? [] : ['fallbacks']),
  ];
}

function isAdvisor(tool: unknown): boolean {
  return isObject(tool) && typeof tool['type'] === 'string' && ADVISOR.test(tool['type']);
}

import { member, textMember } from '../simulated-vendor.js';

const RATIOS = ['16:9', '9:16'];
const PEOPLE = ['allow_all', 'allow_adult', 'dont_allow'];
const UINT32_MAX = 2 ** 32 - 1;
const PARAMETERS = [
  'aspectRatio',
  'resolution',
  'durationSeconds',
  'negativePrompt',
  'personGeneration',
  'sampleCount',
  'seed',
];

/** What Veo finds wrong with a body of predictLongRunning; undefined when it takes it. */
export function faultOfVeo(body: unknown, rules: VeoRules): string | undefined {
  const instances = member(body, 'instances');
  const instance: unknown = Array.isArray(instances) && instances.length === 1 ? instances[0] : undefined;
  const parameters = member(body, 'parameters');
  if (textMember(instance, 'prompt') === '') return 'Text prompt is required.';
  for (const name of ['image', 'lastFrame']) {
    const picture = member(instance, name);
    if (picture !== undefined && !isPicture(picture))
      return `Input instance with \`${name}\` should contain both \`bytesBase64Encoded\` and \`mimeType\`.`;
  }
  if (member(instance, 'lastFrame') !== undefined && (!rules.hasLastFrame || member(instance, 'image') === undefined))
    return "`lastFrame` isn't supported by this model or needs `image`.";
  const names = typeof parameters === 'object' && parameters !== null ? Object.keys(parameters) : [];
  const unknown = names.find((name) => !PARAMETERS.includes(name) && !rules.more.includes(name));
  if (unknown !== undefined) return `\`${unknown}\` isn't supported by this model.`;
  return faultOfParameters(parameters, rules);
}

/** What differs between models and surfaces. */
export interface VeoRules {
  readonly durations: readonly number[];
  /** None: the parameter is not known. */
  readonly resolutions: readonly string[];
  readonly hasLastFrame: boolean;
  /** Names of further parameters. */
  readonly more: readonly string[];
}

function faultOfParameters(parameters: unknown, rules: VeoRules): string | undefined {
  const ratio = member(parameters, 'aspectRatio');
  const resolution = member(parameters, 'resolution');
  const people = member(parameters, 'personGeneration');
  const seed = member(parameters, 'seed');
  if (ratio !== undefined && !RATIOS.includes(String(ratio))) return 'Unsupported aspect ratio.';
  if (resolution !== undefined && !rules.resolutions.includes(String(resolution))) return 'Unsupported resolution.';
  // A number: a text is refused.
  if (!rules.durations.some((seconds) => seconds === member(parameters, 'durationSeconds')))
    return 'Unsupported output video duration.';
  if (people !== undefined && !PEOPLE.includes(String(people))) return 'Unsupported personGeneration.';
  if (seed !== undefined && !(Number.isInteger(seed) && Number(seed) >= 0 && Number(seed) <= UINT32_MAX))
    return 'The seed must be a 32 bit unsigned integer.';
  return member(parameters, 'sampleCount') === 1 ? undefined : 'sampleCount must be from 1 to 1.';
}

/** Addresses are not taken. */
function isPicture(picture: unknown): boolean {
  const bytes = textMember(picture, 'bytesBase64Encoded');
  return bytes !== '' && !bytes.startsWith('data:') && /^image\//.test(textMember(picture, 'mimeType'));
}

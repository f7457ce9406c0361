import { ProviderError } from '../../../providers/canonical/provider-error.js';
import { jsonObjectOf, plainText, textOf } from '../row-values.js';
import { type ChannelKey, keysOf } from './channel-keys.js';
import { trimBase } from './channel-types.js';
import { isOpenModelOfVertex, vertexNameOf } from './model-names.js';
import { type Converted, configOf, type Seat, type SeatContext, type Seats, toSeat } from './seat.js';

const REGION = /^[a-z]+(?:-[a-z0-9]+)*$/;
const PROJECT = /^[\w:.-]+$/;
/** Of a model that a map of regions does not name. */
const REGION_DEFAULT = 'global';
const HOST = 'aiplatform.googleapis.com';

interface VertexKey extends Omit<ChannelKey, 'text'> {
  /** Undefined for an API key, which has no project of its own. */
  readonly project?: string;
  readonly converted: Converted;
}

/**
 * A channel of Vertex AI: its keys are the key files of service accounts, or API keys; `other` is a region, or a map of models to
 * regions. one-api has region, project and key file in `config`. Each project and region is a base URL here.
 */
export function vertexSeats(context: SeatContext): Seats {
  const regions = regionsOf(context);
  if (regions === undefined) return { refusal: 'names no region that can be one' };
  if (regions.size === 0) return { refusal: 'has only models that the hub does not ask for on Vertex AI' };
  const keys = vertexKeys(context);
  if (keys.length === 0) return { refusal: 'has no key that is the key file of a service account, or an API key' };
  const own = trimBase(textOf(context.row, 'base_url'));
  // Tokens of the account would go there, and not every version of the products looks at it.
  const problems = own === '' ? [] : ['has a base URL of its own, to which tokens of the account would go'];
  const seats = keys.flatMap(({ project, converted, ...key }) =>
    [...regions].map(([region, models], index): Seat => {
      const place = { provider: context.type.provider, baseUrl: baseUrlOf(own, region, project) };
      const seat = toSeat(key, place, models, converted);
      return {
        ...seat,
        problems: [...seat.problems, ...problems],
        ...(regions.size > 1 && { region: { name: region, index } }),
      };
    }),
  );
  return { seats };
}

function baseUrlOf(own: string, region: string, project: string | undefined): string {
  const origin = own !== '' ? own : `https://${region === 'global' ? HOST : `${region}-${HOST}`}`;
  return project === undefined ? `${origin}/v1` : `${origin}/v1/projects/${project}/locations/${region}`;
}

/** The models by their region. @returns undefined for a region that cannot be one. */
function regionsOf({ row, models, warn }: SeatContext): ReadonlyMap<string, Map<string, string>> | undefined {
  const text = configOf(row, 'region') || textOf(row, 'other').trim();
  const map = text.startsWith('{') ? jsonObjectOf(text) : undefined;
  const stated = new Map(Object.entries(map ?? {}));
  const regions = new Map<string, Map<string, string>>();
  if (models.size === 0) regions.set(map === undefined ? text : REGION_DEFAULT, new Map());
  for (const [name, own] of models) {
    if (isOpenModelOfVertex(own)) {
      warn(`has the model "${plainText(name, 64)}", which the hub does not ask for on Vertex AI; it was left out`);
      continue;
    }
    const region = map === undefined ? text : (stated.get(name) ?? stated.get('default') ?? REGION_DEFAULT);
    if (typeof region !== 'string') return undefined;
    regions.set(region, (regions.get(region) ?? new Map()).set(name, vertexNameOf(own)));
  }
  return [...regions.keys()].every((region) => REGION.test(region)) ? regions : undefined;
}

function vertexKeys(context: SeatContext): VertexKey[] {
  const { row, warn } = context;
  const file = jsonObjectOf(configOf(row, 'vertex_ai_adc'));
  if (file !== undefined && Object.keys(file).length > 0) {
    const project = configOf(row, 'vertex_ai_project_id');
    const key = accountOf({ index: 0, text: JSON.stringify(file), isEnabled: true }, project, context);
    return key === undefined ? [] : [key];
  }
  const isApiKey = jsonObjectOf(textOf(row, 'settings'))?.['vertex_key_type'] === 'api_key';
  return keysOf(row).flatMap((key) => {
    const found = isApiKey ? apiKeyOf(key) : accountOf(key, undefined, context);
    if (found === undefined) warn(`has a key (number ${key.index + 1}) without a project; it was left out`);
    return found ?? [];
  });
}

/** https://cloud.google.com/vertex-ai/generative-ai/docs/start/api-keys */
function apiKeyOf({ text, ...key }: ChannelKey): VertexKey {
  const isKnown = /^(?:AIza|AQ\.)/.test(text);
  return { ...key, converted: isKnown ? { credential: text } : { problem: 'has an API key that is none of Google' } };
}

/** @returns undefined for a text that names no project. */
function accountOf(
  { text, ...key }: ChannelKey,
  stated: string | undefined,
  context: SeatContext,
): VertexKey | undefined {
  const project = stated ?? jsonObjectOf(text)?.['project_id'];
  if (typeof project !== 'string' || !PROJECT.test(project)) return undefined;
  const problem = problemOf(text, context);
  return { ...key, project, converted: problem === undefined ? { credential: text } : { problem } };
}

/** What the provider itself would say of the account when it asks for a token. */
function problemOf(credential: string, { provider }: SeatContext): string | undefined {
  const tokens = provider.accessTokens;
  if (tokens === undefined) return undefined;
  try {
    const { url } = tokens.toCall(credential, 0);
    const isGoogle = URL.canParse(url) && tokens.isOwnAddress?.(new URL(url)) !== false;
    return isGoogle ? undefined : 'has a key file with a token service that is not of Google';
  } catch (error) {
    if (error instanceof ProviderError) return `has a key that cannot be used (${error.message})`;
    throw error;
  }
}

import { textOf, wholeOf } from '../row-values.js';
import { CLOUDFLARE_GATEWAY, trimBase } from './channel-types.js';
import { configOf, type SeatContext, type Seats, seatsIn } from './seat.js';

/** Channels made since 2025-05-10 leave the dots in the names of deployments: new-api, constant/azure.go. */
const DOTS_SINCE_SECONDS = 1_746_835_200n;
/** https://github.com/QuantumNous/new-api, AZURE_DEFAULT_API_VERSION. */
const VERSION_DEFAULT = '2025-04-01-preview';

/**
 * A channel of Azure OpenAI: the base URL is the resource, the api-version stands in `other`, in one-api also in `config`. Here it stands
 * behind the name of each deployment.
 */
export function azureSeats(context: SeatContext): Seats {
  const { row, product, type, provider } = context;
  const baseUrl = trimBase(textOf(row, 'base_url'));
  if (baseUrl === '') return { refusal: 'has no base URL' };
  if (baseUrl.startsWith(CLOUDFLARE_GATEWAY))
    return { refusal: "goes through Cloudflare's gateway, whose paths for Azure the hub does not have" };
  const problem = provider.checkBaseUrl?.(baseUrl);
  if (problem !== undefined) return { refusal: `has a base URL that cannot be used (it ${problem})` };
  // The v1 surface of a resource needs none.
  const version = baseUrl.endsWith('/v1') ? undefined : versionOf(context);
  if (version !== undefined && !/^[\w.-]+$/.test(version)) return { refusal: 'has an api-version that cannot be one' };
  const hasDots = product === 'new-api' && (wholeOf(row, 'created_time', 0n) ?? 0n) >= DOTS_SINCE_SECONDS;
  const models = new Map([...context.models].map(([name, own]) => [name, deploymentOf(own, version, hasDots)]));
  return { seats: seatsIn({ ...context, models }, { provider: type.provider, baseUrl }) };
}

function versionOf({ row, product, warn }: SeatContext): string | undefined {
  const stated = configOf(row, 'api_version') || textOf(row, 'other').trim();
  if (stated !== '') return stated;
  if (product === 'new-api') {
    warn(`has no api-version; ${VERSION_DEFAULT}, which is built into new-api, was taken`);
    return VERSION_DEFAULT;
  }
  warn("has no api-version; the hub's own is used");
  return undefined;
}

/** Both products take the dots out of a name, new-api only in older channels: https://github.com/songquanpeng/one-api/issues/67 */
function deploymentOf(name: string, version: string | undefined, hasDots: boolean): string {
  const deployment = hasDots ? name : name.replaceAll('.', '');
  return version === undefined ? deployment : `${deployment}?api-version=${version}`;
}

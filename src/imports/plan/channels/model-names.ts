interface BedrockRule {
  /** Names of models there. */
  readonly names: RegExp;
  /** What Bedrock calls one of them. */
  readonly id: (name: string) => string;
  /** Groups of regions where new-api asks an inference profile in place of the model itself. */
  readonly profiles: readonly string[];
}

const US = ['us'];
const ALL = ['us', 'eu', 'ap'];

/**
 * Names that the products know, and ids of Bedrock, which are made of them; the first rule that fits counts.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html, https://github.com/QuantumNous/new-api, relay/channel/aws
 */
const BEDROCK: readonly BedrockRule[] = [
  { names: /^claude-instant-1\.2$/, id: () => 'anthropic.claude-instant-v1', profiles: [] },
  { names: /^claude-2\.0$/, id: () => 'anthropic.claude-v2', profiles: [] },
  { names: /^claude-2\.1$/, id: () => 'anthropic.claude-v2:1', profiles: [] },
  {
    names: /^claude-3-5-sonnet-(?:20241022|latest)$/,
    id: () => 'anthropic.claude-3-5-sonnet-20241022-v2:0',
    profiles: ['us', 'ap'],
  },
  { names: /^claude-(?:3-opus|3-5-haiku|opus-4|opus-4-1)-\d{8}$/, id: dated, profiles: US },
  {
    names: /^claude-(?:3-sonnet|3-haiku|3-5-sonnet|3-7-sonnet|sonnet-4|(?:sonnet|haiku|opus)-4-5)-\d{8}$/,
    id: dated,
    profiles: ALL,
  },
  { names: /^claude-opus-4-6$/, id: (name) => `anthropic.${name}-v1`, profiles: ALL },
  { names: /^claude-(?:sonnet-4-6|sonnet-5|opus-4-7)$/, id: (name) => `anthropic.${name}`, profiles: ALL },
  { names: /^nova-(?:premier-v1:0|reel-v1:1)$/, id: (name) => `amazon.${name}`, profiles: US },
  { names: /^nova-(?:micro|lite|pro|canvas|reel|sonic)-v1:0$/, id: (name) => `amazon.${name}`, profiles: ['us', 'eu'] },
  {
    names: /^llama3-(?:8b|70b)-8192$/,
    id: (name) => `meta.${name.replace('-8192', '-instruct-v1:0')}`,
    profiles: [],
  },
];

const PREFIXES: Readonly<Record<string, string>> = { us: 'us', eu: 'eu', ap: 'apac' };

/**
 * What a model of a channel of the kind AWS is called by Bedrock.
 *
 * @param name the upstream's name of the model there: an Anthropic name, or an id of Bedrock.
 * @param hasProfiles whether the product asks inference profiles (new-api) or the models themselves (one-api).
 */
export function bedrockNameOf(name: string, region: string, hasProfiles: boolean): string {
  const bare = name.replace(/^(?:anthropic|amazon)\./, '');
  for (const { names, id, profiles } of BEDROCK) {
    const known = [name, bare, bare.replace(/-v\d+(?::\d+)?$/, '')].find(
      (one) => names.test(one) && (one === name || id(one) === name),
    );
    if (known === undefined) continue;
    const group = region.slice(0, 2);
    const prefix = hasProfiles && profiles.includes(group) ? PREFIXES[group] : undefined;
    return prefix === undefined ? id(known) : `${prefix}.${id(known)}`;
  }
  return name;
}

function dated(name: string): string {
  return `anthropic.${name}-v1:0`;
}

/**
 * What a model of a channel of the kind Vertex AI is called there: Google writes the day of a Claude behind an `@`.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude
 */
export function vertexNameOf(name: string): string {
  if (name === 'claude-3-5-sonnet-20241022') return 'claude-3-5-sonnet-v2@20241022';
  return name.replace(/^(claude-.+)-(\d{8})$/, '$1@$2');
}

/** Models that the products ask by an OpenAI-compatible interface of Vertex AI, which the hub does not. */
export function isOpenModelOfVertex(name: string): boolean {
  return name.includes('llama') || name.includes('-maas');
}

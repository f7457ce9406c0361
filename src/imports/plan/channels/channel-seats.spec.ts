import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { VENDORS } from '../../../providers/vendors.js';
import type { ImportProduct } from '../../product.js';
import type { TextRow } from '../../source/source-tables.js';
import { seatsOf } from './channel-seats.js';
import { channelTypeOf } from './channel-types.js';
import type { Seat } from './seat.js';

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const account = (project: string, more: object = {}) => ({
  ...{ type: 'service_account', project_id: project, private_key_id: 'k', private_key: PEM },
  ...{
    client_email: `hub@${project}.iam.gserviceaccount.com`,
    token_uri: 'https://oauth2.googleapis.com/token',
    ...more,
  },
});

function seats(product: ImportProduct, number: number, row: TextRow, models: Record<string, string> = { m: 'm' }) {
  const type = channelTypeOf(product, number)!;
  const warnings: string[] = [];
  const provider = VENDORS.find(({ id }) => id === type.provider)!;
  const context = { row, type, provider, product, models: new Map(Object.entries(models)) };
  const found = seatsOf({ ...context, warn: (text) => warnings.push(text) });
  const answer: { refusal?: string; seats?: ReturnType<typeof plain>[] } =
    'refusal' in found ? { refusal: found.refusal } : { seats: found.seats.map(plain) };
  return { ...answer, warnings };
}

const plain = ({ provider, baseUrl, credential, problems, models, region }: Seat) => ({
  ...{ provider, baseUrl, credential, models: Object.fromEntries(models) },
  ...(problems.length > 0 && { problems }),
  ...(region !== undefined && { region: region.name }),
});

describe('a channel of Azure', () => {
  const azure = (product: ImportProduct, row: TextRow, model = 'gpt-4.1') =>
    seats(product, 3, { key: 'azure-key', base_url: 'https://r.openai.azure.com/', ...row }, { [model]: model });

  it('is its resource, with the version behind the names of its deployments', () => {
    expect(azure('new-api', { other: '2025-01-01-preview', created_time: '1746835200' })).toEqual({
      seats: [
        {
          ...{ provider: 'azure-openai', baseUrl: 'https://r.openai.azure.com', credential: 'azure-key' },
          models: { 'gpt-4.1': 'gpt-4.1?api-version=2025-01-01-preview' },
        },
      ],
      warnings: [],
    });
  });

  it.each([
    ['new-api', { other: 'v', created_time: '1746835199' }, 'gpt-41?api-version=v'],
    ['new-api', { created_time: '1800000000' }, 'gpt-4.1?api-version=2025-04-01-preview'],
    ['one-api', { other: 'v1', created_time: '1800000000' }, 'gpt-41?api-version=v1'],
    ['one-api', { other: 'v1', config: '{"api_version":"v2"}' }, 'gpt-41?api-version=v2'],
    ['one-api', {}, 'gpt-41'],
    ['new-api', { base_url: 'https://r.openai.azure.com/openai/v1', created_time: '1800000000' }, 'gpt-4.1'],
  ] as const)('of %s with %j has the deployment %s', (product, row, deployment) => {
    expect(azure(product, row).seats?.[0]?.models).toEqual({ 'gpt-4.1': deployment });
  });

  it('says of a version that is nowhere which one was taken', () => {
    expect(azure('new-api', {}).warnings).toEqual([
      'has no api-version; 2025-04-01-preview, which is built into new-api, was taken',
    ]);
    expect(azure('one-api', {}).warnings).toEqual(["has no api-version; the hub's own is used"]);
  });

  it.each([
    [{ base_url: ' ' }, 'has no base URL'],
    [{ base_url: 'https://r.openai.azure.com/openai/deployments/d' }, 'it must be that of the resource'],
    [{ other: 'a&b=c' }, 'has an api-version that cannot be one'],
    [{ base_url: 'https://gateway.ai.cloudflare.com/v1/a/g/azure-openai/r' }, "goes through Cloudflare's gateway"],
  ])('with %j is left out', (row, refusal) => {
    expect(azure('new-api', row).refusal).toContain(refusal);
  });
});

describe('a channel of AWS', () => {
  const CLAUDE = { claude: 'claude-sonnet-4-5-20250929' };

  it('has a base URL by the region of each key, and keys of either form', () => {
    const key = 'AKIA1|secret/1+|us-east-1\nABSKapikey= | eu-west-1\nAKIA2|secret2|cn-north-1';
    expect(seats('new-api', 33, { key }, CLAUDE)).toEqual({
      seats: [
        {
          ...{ provider: 'bedrock', baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com' },
          ...{ credential: 'AKIA1:secret/1+', models: { claude: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0' } },
        },
        {
          ...{ provider: 'bedrock', baseUrl: 'https://bedrock-runtime.eu-west-1.amazonaws.com' },
          ...{ credential: 'ABSKapikey=', models: { claude: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0' } },
        },
        {
          ...{ provider: 'bedrock', baseUrl: 'https://bedrock-runtime.cn-north-1.amazonaws.com.cn' },
          ...{ credential: 'AKIA2:secret2', models: { claude: 'anthropic.claude-sonnet-4-5-20250929-v1:0' } },
        },
      ],
      warnings: [],
    });
  });

  it('of one-api has its parts in the settings, or in the key', () => {
    const config = '{"region":"us-west-2","ak":"AKIA","sk":"secret"}';
    for (const row of [
      { key: 'x', config },
      { key: 'AKIA|secret|us-west-2', config: '{"ak":""}' },
    ])
      expect(seats('one-api', 33, row, CLAUDE).seats).toEqual([
        {
          ...{ provider: 'bedrock', baseUrl: 'https://bedrock-runtime.us-west-2.amazonaws.com' },
          ...{ credential: 'AKIA:secret', models: { claude: 'anthropic.claude-sonnet-4-5-20250929-v1:0' } },
        },
      ]);
  });

  it('loses keys of another form, which are said by their number', () => {
    const key = 'only-one\na|b|nowhere\na||us-east-1\na|b|c|us-east-1\nAKIA|secret|us-east-1';
    const { seats: found, warnings } = seats('new-api', 33, { key });
    expect(found).toHaveLength(1);
    expect(warnings).toEqual(
      [1, 2, 3, 4].map(
        (number) =>
          `has a key (number ${number}) that is neither AccessKey|SecretKey|Region nor APIKey|Region; it was left out`,
      ),
    );
    expect(seats('new-api', 33, { key: 'nothing' }).refusal).toBe('has no key that can be one');
    expect(seats('new-api', 33, { key: '' }).refusal).toBe('has no credential');
  });
});

describe('a channel of Vertex AI', () => {
  const MODELS = { g: 'gemini-2.5-pro', c: 'claude-sonnet-4-5-20250929' };
  const file = JSON.stringify(account('proj-1'));

  it('is the project of its key file and its region', () => {
    expect(
      seats('new-api', 41, { key: JSON.stringify(account('proj-1'), null, 2), other: 'us-central1' }, MODELS),
    ).toEqual({
      seats: [
        {
          ...{ provider: 'vertex', credential: file },
          baseUrl: 'https://us-central1-aiplatform.googleapis.com/v1/projects/proj-1/locations/us-central1',
          models: { g: 'gemini-2.5-pro', c: 'claude-sonnet-4-5@20250929' },
        },
      ],
      warnings: [],
    });
  });

  it('is one for each region of its models, and for each project', () => {
    const key = `[${file}, ${JSON.stringify(account('proj-2'))}]`;
    const other = '{"c":"us-east5","default":"europe-west4"}';
    const found = seats('new-api', 41, { key, other }, MODELS).seats;
    const at = (region: string, project: string) =>
      `https://${region}-aiplatform.googleapis.com/v1/projects/${project}/locations/${region}`;
    expect(found?.map(({ baseUrl, region, models }) => [baseUrl, region, models])).toEqual([
      [at('europe-west4', 'proj-1'), 'europe-west4', { g: 'gemini-2.5-pro' }],
      [at('us-east5', 'proj-1'), 'us-east5', { c: 'claude-sonnet-4-5@20250929' }],
      [at('europe-west4', 'proj-2'), 'europe-west4', { g: 'gemini-2.5-pro' }],
      [at('us-east5', 'proj-2'), 'us-east5', { c: 'claude-sonnet-4-5@20250929' }],
    ]);
  });

  it('is global where a map of regions says nothing of a model', () => {
    expect(seats('new-api', 41, { key: file, other: '{"x":"us-east5"}' }, { g: 'g' }).seats?.[0]?.baseUrl).toBe(
      'https://aiplatform.googleapis.com/v1/projects/proj-1/locations/global',
    );
  });

  it('has no project with an API key', () => {
    const row = { key: 'AIzaSyA', settings: '{"vertex_key_type":"api_key"}' };
    expect(seats('new-api', 41, { ...row, other: 'global' }).seats).toEqual([
      {
        ...{ provider: 'vertex', baseUrl: 'https://aiplatform.googleapis.com/v1', credential: 'AIzaSyA' },
        models: { m: 'm' },
      },
    ]);
    expect(seats('new-api', 41, { ...row, other: 'us-east5' }).seats?.[0]?.baseUrl).toBe(
      'https://us-east5-aiplatform.googleapis.com/v1',
    );
    expect(seats('new-api', 41, { ...row, key: 'ya29.token', other: 'global' }).seats?.[0]?.problems).toEqual([
      'has an API key that is none of Google',
    ]);
  });

  it('of one-api has region, project and key file in its settings', () => {
    const config = JSON.stringify({ region: 'us-east5', vertex_ai_project_id: 'other', vertex_ai_adc: file });
    expect(seats('one-api', 42, { key: `us-east5|other|${file}`, config }, MODELS).seats).toMatchObject([
      {
        credential: file,
        baseUrl: 'https://us-east5-aiplatform.googleapis.com/v1/projects/other/locations/us-east5',
      },
    ]);
  });

  it.each([
    ['is no RSA key', { private_key: 'x' }, /is no RSA key in PEM/],
    ['lacks an address', { client_email: '' }, /lacks "client_email"/],
    ['is one of a person', { type: 'authorized_user' }, /not one of a service account/],
    ['buys its tokens elsewhere', { token_uri: 'https://evil.example/token' }, /token service that is not of Google/],
  ])('is not used where the key file %s, which is said without the key', (_what, more, problem) => {
    const { seats: found } = seats('new-api', 41, { key: JSON.stringify(account('p', more)), other: 'global' });
    expect(found?.[0]?.problems?.join()).toMatch(problem);
    expect(found?.[0]?.problems?.join()).not.toContain('PRIVATE KEY');
    expect(found?.[0]?.credential).toBeUndefined();
  });

  it('leaves out the models that are asked for by another interface, naming them', () => {
    const models = { l: 'llama-3.1-405b-instruct-maas', g: 'gemini-2.5-pro' };
    const { seats: found, warnings } = seats('new-api', 41, { key: file, other: 'global' }, models);
    expect(found?.[0]?.models).toEqual({ g: 'gemini-2.5-pro' });
    expect(warnings).toEqual(['has the model "l", which the hub does not ask for on Vertex AI; it was left out']);
    const { refusal } = seats('new-api', 41, { key: file, other: 'global' }, { l: 'llama-3.1-405b-instruct-maas' });
    expect(refusal).toBe('has only models that the hub does not ask for on Vertex AI');
  });

  it('with a base URL of its own must be enabled by hand', () => {
    const { seats: found } = seats('one-api', 42, { key: file, other: 'us-east5', base_url: 'https://v.example/' });
    expect(found).toMatchObject([
      {
        baseUrl: 'https://v.example/v1/projects/proj-1/locations/us-east5',
        problems: ['has a base URL of its own, to which tokens of the account would go'],
      },
    ]);
  });

  it.each([
    ['no region', { key: file, other: '' }, 'names no region that can be one'],
    ['a bad region', { key: file, other: 'us/../x' }, 'names no region that can be one'],
    ['a map of other things', { key: file, other: '{"m":1}' }, 'names no region that can be one'],
    ['no key file', { key: 'sk-x', other: 'global' }, 'has no key that is the key file'],
  ])('with %s is left out', (_what, row, refusal) => {
    expect(seats('new-api', 41, row).refusal).toContain(refusal);
  });
});

describe('a channel whose key has parts', () => {
  it.each([
    ['Kling by a pair', 50, { key: ' ak | sk ' }, { provider: 'kling', credential: 'ak:sk' }],
    ['Kling by an API key', 50, { key: 'kling-key' }, { provider: 'kling', credential: 'kling-key' }],
    [
      ...(['Kling by a relay', 50, { key: 'sk-other', base_url: 'https://n.example' }] as const),
      { provider: 'kling', credential: 'sk-other', baseUrl: 'https://n.example/kling' },
    ],
    ['Jimeng', 51, { key: 'ak|sk' }, { provider: 'jimeng', credential: 'ak:sk' }],
    ['Qianfan with an application', 46, { key: 'bce-v3/ALTAK|app-1' }, { credential: 'bce-v3/ALTAK' }],
    [
      ...(['Cloudflare', 39, { key: 'cf', other: 'acc0unt' }] as const),
      { provider: 'openai-compatible', baseUrl: 'https://api.cloudflare.com/client/v4/accounts/acc0unt/ai/v1' },
    ],
    [
      ...([
        'Cloudflare by its gateway',
        39,
        { key: 'cf', base_url: 'https://gateway.ai.cloudflare.com/v1/a/g/workers-ai' },
      ] as const),
      { baseUrl: 'https://gateway.ai.cloudflare.com/v1/a/g/workers-ai/v1' },
    ],
  ])('of %s is converted', (_what, type, row, expected) => {
    expect(seats('new-api', type, row).seats?.[0]).toMatchObject(expected);
  });

  it.each([
    ['Kling with three parts', 50, { key: 'a|b|c' }],
    ['Kling by a relay that is nowhere', 50, { key: 'sk-other' }],
    ['Jimeng by a relay', 51, { key: 'sk-other' }],
    ['Ark for speech', 45, { key: 'app|token' }],
    ['OpenAI that no header could carry', 1, { key: 'sk-\u0007' }],
  ])('of %s has a problem and no credential', (_what, type, row) => {
    const [seat] = seats('new-api', type, row).seats ?? [];
    expect(seat?.problems).toHaveLength(1);
    expect(seat?.credential).toBeUndefined();
  });

  it('of Cloudflare without an account is left out', () => {
    expect(seats('new-api', 39, { key: 'cf' }).refusal).toBe('names no account of Cloudflare');
    expect(seats('one-api', 37, { key: 'cf', config: '{"user_id":"acc"}' }).seats?.[0]?.baseUrl).toContain(
      '/accounts/acc/',
    );
  });
});

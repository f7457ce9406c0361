import { readFileSync } from 'node:fs';
import { FALLBACK_TRIGGERS, ROUTING_STRATEGIES } from '../channels/model-routing.js';
import { HubConfigError, type KnownProvider } from './hub-config.js';
import { parseHubConfig } from './parse-hub-config.js';

const SCHEMA = JSON.parse(readFileSync(new URL('../../schemas/hub-config.schema.json', import.meta.url), 'utf8'));
const PROVIDERS: KnownProvider[] = [
  { id: 'openai', baseUrl: 'https://api.openai.example/v1' },
  { id: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', isCredentialRequired: false },
];
const ENV = { FIRST: 'sk-first', SECOND: 'sk-second' };

const parse = (text: string) =>
  parseHubConfig(text, { fileName: 'hub.yaml', env: ENV, providers: PROVIDERS, checkPrice: () => [] });

function problemsOf(text: string): readonly string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (error instanceof HubConfigError) return error.problems;
    throw error;
  }
}

const model = (line: string) => `models:\n  - id: m\n    ${line}`;
const channel = (...lines: string[]) => ['channels:', '  - id: a', '    provider: openai', ...lines].join('\n');

describe('the routing of a model in the file', () => {
  it('is read as it stands, a fallback without reasons as just a name', () => {
    const { models } = parse(`
models:
  - id: m
    onDisconnect: drain
    strategy: cheapest
    sticky: false
    fallbacks: [n, { model: o, on: [content_refused, rate_limited] }]
    rescue: error
    retryContentPolicy: true
    deadlines: { connectMs: 1000, firstByteMs: 4000, firstTokenMs: 5000, wholeMs: 30000, gapMs: 5000, totalMs: 60000 }
    capabilities:
      contextTokens: 128000
      outputTokensMax: 8192
      tools: true
      vision: false
      audioInput: false
      fileInput: true
      jsonSchema: true
      reasoning: false
      choices: true
      imageSizes: [1024x1024, 512x768]
      retiresOn: 2028-02-29
  - id: n
`);
    expect(models).toEqual([
      {
        id: 'm',
        onDisconnect: 'drain',
        routing: {
          strategy: 'cheapest',
          sticky: false,
          fallbacks: [{ model: 'n' }, { model: 'o', on: ['content_refused', 'rate_limited'] }],
          rescue: 'error',
          retryContentPolicy: true,
          deadlines: {
            connectMs: 1000,
            firstByteMs: 4000,
            firstTokenMs: 5000,
            wholeMs: 30_000,
            gapMs: 5000,
            totalMs: 60_000,
          },
          capabilities: {
            contextTokens: 128_000,
            outputTokensMax: 8192,
            tools: true,
            vision: false,
            audioInput: false,
            fileInput: true,
            jsonSchema: true,
            reasoning: false,
            choices: true,
            imageSizes: ['1024x1024', '512x768'],
            retiresOn: '2028-02-29',
          },
        },
      },
      { id: 'n' },
    ]);
  });

  it('may go in a circle, and to a model that the file does not know', () => {
    expect(problemsOf('models: [{ id: a, fallbacks: [b] }, { id: b, fallbacks: [a, elsewhere] }]')).toEqual([]);
  });

  it.each([
    ['strategy: quickest', 'models[0].strategy must be weighted or fastest or cheapest or balanced'],
    ['sticky: often', 'models[0].sticky must be a boolean'],
    ['rescue: retry', 'models[0].rescue must be resume or error'],
    ['fallbacks: n', 'models[0].fallbacks must be a list'],
    ['fallbacks: [1]', 'models[0].fallbacks[0] must be a string'],
    ['fallbacks: [n, m]', 'models[0].fallbacks[1] is the model itself: `m` cannot stand in for it'],
    ['fallbacks: [{ model: m }]', 'models[0].fallbacks[0].model is the model itself'],
    ['fallbacks: [n, { model: n }]', 'models[0].fallbacks[1].model names `n` a second time'],
    ['fallbacks: [{ on: [unavailable] }]', 'models[0].fallbacks[0] needs `model`'],
    [
      'fallbacks: [{ model: n, on: [broken] }]',
      'models[0].fallbacks[0].on[0] must be unavailable or rate_limited or context_length or content_refused or unsupported_option',
    ],
    ['fallbacks: [{ model: n, when: [unavailable] }]', 'unknown key `when` in models[0].fallbacks[0]'],
    ['fallback: [n]', 'unknown key `fallback` in models[0]; did you mean `fallbacks`?'],
    ['deadlines: {}', 'models[0].deadlines must name at least one deadline'],
    ['deadlines: { firstTokenMs: 0 }', 'models[0].deadlines.firstTokenMs must be >= 1'],
    ['deadlines: { firstToken: 5 }', 'unknown key `firstToken` in models[0].deadlines; did you mean `firstTokenMs`?'],
    ['deadlines: { firstTokenMs: 5001, totalMs: 5000 }', 'models[0].deadlines.firstTokenMs is above totalMs'],
    ['deadlines: { firstByteMs: 2, firstTokenMs: 1 }', 'models[0].deadlines.firstByteMs is above firstTokenMs'],
    ['deadlines: { gapMs: 2, totalMs: 1 }', 'models[0].deadlines.gapMs is above totalMs'],
    ['capabilities: {}', 'models[0].capabilities must name at least one thing that the model can do or cannot'],
    ['capabilities: { tools: maybe }', 'models[0].capabilities.tools must be a boolean'],
    [
      'capabilities: { contextTokens: 10, outputTokensMax: 11 }',
      'models[0].capabilities.outputTokensMax is above cont',
    ],
    ['capabilities: { imageSizes: [large] }', 'models[0].capabilities.imageSizes[0] must be a size such as 1024x1024'],
    ['capabilities: { retiresOn: soon }', 'models[0].capabilities.retiresOn must be a day such as 2026-12-01'],
    ['capabilities: { retiresOn: 2027-02-29 }', 'models[0].capabilities.retiresOn is no day of the calendar'],
  ])('is refused with its line: %s', (line, problem) => {
    const problems = problemsOf(model(line));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`hub.yaml:3: ${problem}`);
  });

  it('is all in the example of docs/routing.md, which can be used as it stands', () => {
    const text = readFileSync(new URL('../../docs/routing.md', import.meta.url), 'utf8');
    const example = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? '';
    const env = { OPENAI_API_KEY: 'a', OPENAI_API_KEY_2: 'b', SECOND_API_KEY: 'c' };
    const providers = [...PROVIDERS, { id: 'openai-compatible' }];
    const { channels } = parseHubConfig(example, { fileName: 'f', env, providers, checkPrice: () => [] });
    expect(channels[1]?.places?.get('gpt-5')).toEqual({ priority: 0 });
    const { model, channel: channelSchema, deadlines, capabilities, fallback } = SCHEMA.$defs;
    const routing = ['strategy', 'sticky', 'fallbacks', 'rescue', 'retryContentPolicy', 'deadlines', 'capabilities'];
    expect(Object.keys(model.properties)).toEqual(expect.arrayContaining(routing));
    const places = Object.keys(channelSchema.properties.models.additionalProperties.then.properties);
    const parts = [deadlines, capabilities, fallback.then].flatMap((part) => Object.keys(part.properties));
    for (const key of [...routing, ...places, ...parts, 'apiKeys', 'concurrencyMax'])
      expect(example).toContain(`${key}:`);
  });

  it('knows the strategies and reasons that the router knows', () => {
    expect(SCHEMA.$defs.model.properties.strategy.enum).toEqual(ROUTING_STRATEGIES);
    expect(SCHEMA.$defs.fallback.then.properties.on.items.enum).toEqual(FALLBACK_TRIGGERS);
  });
});

describe('the place of a channel in the file', () => {
  it('may differ for a single model', () => {
    const [a] = parse(
      channel(
        '    apiKey: k',
        '    concurrencyMax: 32',
        '    models:',
        '      same:',
        '      other: theirs',
        '      first: { priority: 9 }',
        '      spare: { upstream: theirs-too, priority: -1, weight: 0 }',
        '      plain: { upstream: p }',
      ),
    ).channels;
    expect(a).toMatchObject({
      concurrencyMax: 32,
      models: new Map([
        ['same', 'same'],
        ['other', 'theirs'],
        ['first', 'first'],
        ['spare', 'theirs-too'],
        ['plain', 'p'],
      ]),
      places: new Map([
        ['first', { priority: 9 }],
        ['spare', { priority: -1, weight: 0 }],
      ]),
    });
  });

  it('is left out where all models have that of the channel', () => {
    expect(parse(channel('    apiKey: k', '    models: { m: }')).channels[0]?.places).toBeUndefined();
  });

  it.each([
    ['models: { m: { weight: -1 } }', 'channels[0].models.m.weight must be >= 0'],
    ['models: { m: { priority: high } }', 'channels[0].models.m.priority must be an integer'],
    ['models: { m: { upstreem: u } }', 'unknown key `upstreem` in channels[0].models.m; did you mean `upstream`?'],
    ['models: { m: {} }', 'channels[0].models.m must name at least one of upstream, priority and weight'],
    ['models: { m: 4 }', 'channels[0].models.m must be a string or null'],
    ['concurrencyMax: 0', 'channels[0].concurrencyMax must be >= 1'],
  ])('is refused with its line: %s', (line, problem) => {
    const rest = line.startsWith('models') ? '    apiKey: k' : '    models: { m: }\n    apiKey: k';
    expect(problemsOf(channel(`    ${line}`, rest))).toEqual([expect.stringContaining(`hub.yaml:4: ${problem}`)]);
  });
});

describe('the credentials of a channel in the file', () => {
  it('are one or several, in their order', () => {
    const several = parse(channel(`    apiKeys: ["\${FIRST}", "\${SECOND}", sk-third]`, '    models: { m: }'))
      .channels[0];
    expect(several).toMatchObject({ apiKey: 'sk-first', moreApiKeys: ['sk-second', 'sk-third'] });
    const one = parse(channel(`    apiKeys: ["\${FIRST}"]`, '    models: { m: }')).channels[0];
    expect(one).toMatchObject({ apiKey: 'sk-first', moreApiKeys: undefined });
  });

  it.each([
    ['apiKeys: []', 'channels[0].apiKeys must have at least 1 entry'],
    ['apiKeys: [sk-secret, sk-secret]', 'channels[0].apiKeys has the same entry twice'],
    ['apiKeys: ["sk-\\nsecret"]', 'channels[0].apiKeys[0] must be a single line'],
    ['apiKey: "sk-\\nsecret"', 'channels[0].apiKey must be a single line'],
    ['apiKeys: sk-secret', 'channels[0].apiKeys must be a list'],
  ])('are refused with their line and without their text: %s', (line, problem) => {
    const problems = problemsOf(channel(`    ${line}`, '    models: { m: }'));
    expect(problems).toEqual([expect.stringContaining(`hub.yaml:4: ${problem}`)]);
    expect(problems.join('\n')).not.toMatch(/secret/);
  });

  it('are not given in two ways', () => {
    expect(problemsOf(channel('    apiKey: k', '    apiKeys: [l]', '    models: { m: }'))).toEqual([
      'hub.yaml:5: channels[0].apiKeys and `apiKey` exclude each other: name all in apiKeys',
    ]);
  });
});

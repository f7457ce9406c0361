import { readFileSync } from 'node:fs';
import { checkPrice } from '../pricing/check-price.js';
import { HubConfigError, type KnownProvider } from './hub-config.js';
import { parseHubConfig } from './parse-hub-config.js';

const SCHEMA = JSON.parse(readFileSync(new URL('../../schemas/hub-config.schema.json', import.meta.url), 'utf8')) as {
  $defs: { price: { properties: object } };
};
const PROVIDERS: KnownProvider[] = [
  { id: 'openai', baseUrl: 'https://api.openai.example/v1' },
  { id: 'openai-compatible' },
  { id: 'signer', baseUrl: 'https://signer.example/v1', video: { callback: {} } },
  { id: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', isCredentialRequired: false },
  {
    id: 'regional',
    checkBaseUrl: (url) => (url.includes('/regions/') ? undefined : 'must name a region'),
    checkCredential: (credential) => (credential.includes(':') ? undefined : 'must be ID:SECRET'),
  },
];
const ENV = { UPSTREAM_KEY: 'sk-secret', HOST_NAME: 'api.example', EMPTY: '' };

const parse = (text: string) =>
  parseHubConfig(text, { fileName: 'hub.yaml', env: ENV, providers: PROVIDERS, checkPrice });

function problemsOf(text: string): readonly string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (error instanceof HubConfigError) return error.problems;
    throw error;
  }
}

/** A valid channel on lines 2 to 5, with more lines after it. */
const channel = (...lines: string[]) =>
  [
    'channels:',
    '  - id: main',
    '    provider: openai',
    '    apiKey: k',
    '    models: { gpt-4: gpt-4o }',
    ...lines,
  ].join('\n');

describe('parseHubConfig', () => {
  it.each([
    ['credential', 'apiKey'],
    ['region', 'baseUrl'],
    ['project', 'baseUrl'],
    ['deployment', 'models'],
    ['api_version', 'models'],
  ])('says where %s of a channel belongs: in %s', (key, place) => {
    expect(problemsOf(channel(`    ${key}: x`))).toEqual([
      expect.stringMatching(`hub.yaml:6: unknown key \`${key}\` in channels\\[0\\]; .*\`${place}\``),
    ]);
  });

  it('says of a key that every object of JavaScript has what it says of any other', () => {
    expect(problemsOf(channel('    constructor: x'))).toEqual([
      expect.stringMatching(/unknown key `constructor` in channels\[0\]; known are id, /),
    ]);
  });

  it('refuses a base URL that was copied with the path of an operation', () => {
    expect(problemsOf(channel('    baseUrl: https://api.test/v1/chat/completions'))).toEqual([
      expect.stringContaining('hub.yaml:6: channels[0].baseUrl must end before the path of an operation'),
    ]);
  });

  it('says what a vendor says of an address or a credential of its own, at its line', () => {
    const text = (url: string, ...keys: string[]): string =>
      [
        'channels:',
        '  - id: main',
        '    provider: regional',
        `    baseUrl: ${url}`,
        ...keys,
        '    models: { a: }',
      ].join('\n');
    expect(problemsOf(text('https://r.test/regions/1', '    apiKey: id:secret'))).toEqual([]);
    expect(problemsOf(text('https://r.test', '    apiKey: alone'))).toEqual([
      'hub.yaml:4: channels[0].baseUrl must name a region',
      'hub.yaml:5: channels[0].apiKey must be ID:SECRET',
    ]);
    expect(problemsOf(text('https://r.test/regions/1', '    apiKeys:', '      - id:secret', '      - alone'))).toEqual([
      'hub.yaml:7: channels[0].apiKeys[1] must be ID:SECRET',
    ]);
  });

  it('reads the documented example', () => {
    const config = parse(`
channels:
  - id: main
    provider: openai
    baseUrl: http://127.0.0.1:9000/v1/
    apiKey: \${UPSTREAM_KEY}
    allowPrivateNetwork: true
    priority: 3
    weight: 2
    models: { gpt-4: gpt-4o, text-embedding-3-small: }
    prices: { text-embedding-3-small: { inputPerMillion: "0.03" } }
    costs: { gpt-4: { inputPerMillion: "2", outputPerMillion: "8" } }
models:
  - id: gpt-4
    price:
      inputPerMillion: "2.5"
      outputPerMillion: "10"
      cachedInputPerMillion: "1.25"
      cacheWritePerMillion: "3"
      reasoningPerMillion: "12"
      perRequest: "0.001"
      perImage:
        - { size: 1024x1024, quality: hd, price: "0.08" }
        - { price: "0.04" }
      perVideoSecond:
        - { resolution: 720p, audio: true, price: "0.2" }
        - { price: "0.1" }
      tiers:
        - { aboveInputTokens: 272000, inputPerMillion: "5", outputPerMillion: "15" }
    onDisconnect: drain
    outputTokensDefault: 2048
    limits: { rpm: 60, tpm: 100000, concurrency: 8 }
groups:
  - { id: vip, multiplier: "0.8", models: [gpt-4] }
  - { id: default }
`);
    expect(config).toEqual({
      channels: [
        {
          id: 'main',
          provider: 'openai',
          baseUrl: 'http://127.0.0.1:9000/v1',
          apiKey: 'sk-secret',
          allowPrivateNetwork: true,
          priority: 3,
          weight: 2,
          models: new Map([
            ['gpt-4', 'gpt-4o'],
            ['text-embedding-3-small', 'text-embedding-3-small'],
          ]),
          prices: new Map([['text-embedding-3-small', { inputPerMillion: '0.03' }]]),
          costs: new Map([['gpt-4', { inputPerMillion: '2', outputPerMillion: '8' }]]),
        },
      ],
      models: [
        {
          id: 'gpt-4',
          price: {
            inputPerMillion: '2.5',
            outputPerMillion: '10',
            cachedInputPerMillion: '1.25',
            cacheWritePerMillion: '3',
            reasoningPerMillion: '12',
            perRequest: '0.001',
            perImage: [{ size: '1024x1024', quality: 'hd', price: '0.08' }, { price: '0.04' }],
            perVideoSecond: [{ resolution: '720p', audio: true, price: '0.2' }, { price: '0.1' }],
            tiers: [{ aboveInputTokens: 272_000, inputPerMillion: '5', outputPerMillion: '15' }],
          },
          onDisconnect: 'drain',
          outputTokensDefault: 2048,
          limits: { rpm: 60, tpm: 100_000, concurrency: 8 },
        },
      ],
      groups: [{ id: 'vip', multiplier: '0.8', models: ['gpt-4'] }, { id: 'default' }],
    });
  });

  it('reads what an operator says of videos', () => {
    const config = parse(`
channels:
  - id: main
    provider: signer
    apiKey: k
    models: { film: film-1 }
    tasksMax: 5
    callbackSecret: \${UPSTREAM_KEY}
models:
  - id: film
    video:
      durations: [5, 10]
      durationDefault: 10
      resolutions: [720p, 4k]
      resolutionDefault: 4k
      aspectRatios: [16:9, "9:16", adaptive]
      image: required
      hasLastFrame: true
      imageForms: [url, bytes]
      audio: optional
      audioDefault: true
      hasNegativePrompt: true
      hasSeed: false
      countMax: 4
      promptCharsMax: 2000
      options: [camera]
      deadlineMinutes: 90
  - { id: clip, video: { durations: { min: 2, max: 8 }, durationDefault: 4, audio: always } }
`);
    expect(config.channels[0]).toMatchObject({ tasksMax: 5, callbackSecret: 'sk-secret' });
    expect(config.models.map(({ video }) => video)).toEqual([
      {
        durations: [5, 10],
        durationDefault: 10,
        resolutions: ['720p', '4k'],
        resolutionDefault: '4k',
        aspectRatios: ['16:9', '9:16', 'adaptive'],
        image: 'required',
        hasLastFrame: true,
        imageForms: ['url', 'bytes'],
        audio: 'optional',
        audioDefault: true,
        hasNegativePrompt: true,
        hasSeed: false,
        countMax: 4,
        promptCharsMax: 2000,
        options: ['camera'],
        deadlineMinutes: 90,
      },
      { durations: { min: 2, max: 8 }, durationDefault: 4, audio: 'always' },
    ]);
  });

  it.each([
    ['durations: []', 'models[0].video.durations must have at least 1 entry'],
    ['durations: [0]', 'models[0].video.durations[0] must be >= 1'],
    ['durations: 5', 'models[0].video.durations must be a mapping'],
    ['durations: { min: 5 }', 'models[0].video.durations needs `max`'],
    ['durations: { min: 5, max: 4 }', 'models[0].video.durations has a min above its max'],
    ['durations: [5, 10], durationDefault: 8', 'models[0].video.durationDefault is none of its durations'],
    ['durations: { min: 2, max: 4 }, durationDefault: 5', 'models[0].video.durationDefault is none of its durations'],
    ['resolutions: [720P]', 'models[0].video.resolutions[0] must be a resolution in lower case such as 720p'],
    ['resolutions: [720p], resolutionDefault: 4k', 'models[0].video.resolutionDefault is none of its resolutions'],
    ['aspectRatios: [wide screen]', 'models[0].video.aspectRatios[0] must be an aspect ratio such as "16:9"'],
    ['image: maybe', 'models[0].video.image must be none or optional or required'],
    ['audio: never, audioDefault: true', 'models[0].video.audioDefault cannot be true: its videos have sound never'],
    ['colour: blue', 'unknown key `colour` in models[0].video'],
    ['', 'models[0].video must name at least one thing that the model can do'],
  ])('refuses videos with %s', (video, problem) => {
    const problems = problemsOf(`models:\n  - { id: film, video: { ${video} } }`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`hub.yaml:2: ${problem}`);
  });

  it('refuses a callback secret where nobody signs, without repeating it', () => {
    const problems = problemsOf(channel('    callbackSecret: whsec_secret'));
    expect(problems).toEqual(['hub.yaml:6: channels[0].callbackSecret is of no use: openai signs no callbacks']);
  });

  it.each(['tasksMax: 0', 'tasksMax: many'])('refuses a channel with %s', (line) => {
    expect(problemsOf(channel(`    ${line}`))).toEqual([
      expect.stringContaining('hub.yaml:6: channels[0].tasksMax must'),
    ]);
  });

  it('reads the example of docs/pricing.md, which names every key of a price', () => {
    const text = readFileSync(new URL('../../docs/pricing.md', import.meta.url), 'utf8');
    const example = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? '';
    expect(problemsOf(example.replace('OPENAI_API_KEY', 'UPSTREAM_KEY'))).toEqual([]);
    for (const key of Object.keys(SCHEMA.$defs.price.properties)) expect(example).toContain(`${key}:`);
  });

  it('fills in what is left out', () => {
    const [main] = parse(channel()).channels;
    expect(main).toMatchObject({ baseUrl: undefined, allowPrivateNetwork: false, priority: 0, weight: 1 });
  });

  it.each(['', '# nothing yet\n', 'channels: []\nmodels: []'])('takes a file that declares nothing: %j', (text) => {
    expect(parse(text)).toEqual({ channels: [], models: [], groups: [] });
  });

  describe('variables', () => {
    it('are filled in anywhere in a string, and never read as YAML', () => {
      const parsed = parseHubConfig(
        `channels: [{ id: a, provider: openai, apiKey: "\${K}", baseUrl: "https://\${H}/v1", models: { m: } }]`,
        { fileName: 'f', env: { K: 'x: [1', H: 'h.example' }, providers: PROVIDERS, checkPrice },
      );
      expect(parsed.channels[0]).toMatchObject({ apiKey: 'x: [1', baseUrl: 'https://h.example/v1' });
    });

    it('can be written literally with a second dollar sign', () => {
      const text = `channels: [{ id: a, provider: openai, apiKey: "$\${K} and $5", models: { m: } }]`;
      expect(parse(text).channels[0]?.apiKey).toBe(`\${K} and $5`);
    });

    it.each(['MISSING', 'EMPTY'])('that are not set are named with their line: %s', (name) => {
      const text = channel().replace('apiKey: k', `apiKey: \${${name}}`);
      expect(problemsOf(text)).toEqual([`hub.yaml:4: the environment variable ${name} is not set`]);
    });
  });

  it.each([
    [channel('    prioritty: 1'), 'hub.yaml:6: unknown key `prioritty` in channels[0]; did you mean `priority`?'],
    [`${channel()}\nchanels: []`, 'hub.yaml:6: unknown key `chanels` in the file; did you mean `channels`?'],
    [channel('    zzz: 1'), 'hub.yaml:6: unknown key `zzz` in channels[0]; known are id, provider, baseUrl,'],
    [channel('    weight: heavy'), 'hub.yaml:6: channels[0].weight must be an integer'],
    [channel('    weight: -1'), 'hub.yaml:6: channels[0].weight must be >= 0'],
    [channel('    baseUrl: api.example'), 'hub.yaml:6: channels[0].baseUrl must start with http:// or https://'],
    [channel('    baseUrl: https://u:p@api.example'), 'hub.yaml:6: channels[0].baseUrl must be a URL without user'],
    [channel('    apiKey: again'), 'hub.yaml:6: Map keys must be unique'],
    [channel().replace('id: main', 'id: a b'), 'hub.yaml:2: channels[0].id must be 1 to 64 letters'],
    [channel().replace('    apiKey: k\n', ''), 'hub.yaml:2: channels[0] needs `apiKey`: openai answers nobody'],
    [
      channel().replace('provider: openai', 'provider: openia'),
      'hub.yaml:3: unknown provider `openia` in channels[0]; did you mean `openai`?',
    ],
    [channel().replace('provider: openai', 'provider: openai-compatible'), 'hub.yaml:2: channels[0] needs `baseUrl`'],
    [channel().replace('{ gpt-4: gpt-4o }', '{}'), 'hub.yaml:5: channels[0].models must name at least one model'],
    [channel().replace('{ gpt-4: gpt-4o }', '[gpt-4]'), 'hub.yaml:5: channels[0].models must be a mapping'],
    [
      channel('  - id: main', '    provider: ollama', '    models: { m: }'),
      'hub.yaml:6: channels[1].id `main` is used twice',
    ],
    [channel('models:', '  - id: m', '  - id: m'), 'hub.yaml:8: models[1].id `m` is used twice'],
    [
      channel('models:', '  - id: m', '    price: { inputPerMillion: 2.5 }'),
      'hub.yaml:8: models[0].price.inputPerMillion must be a string: put the number in quotes',
    ],
    [
      channel('models:', '  - id: m', '    price: { inputPerMillion: "-1" }'),
      'hub.yaml:8: models[0].price.inputPerMillion must be a decimal number',
    ],
    [channel('models:', '  - id: m', '    price: {}'), 'hub.yaml:8: models[0].price must name at least one rate'],
    [
      channel('models:', '  - id: m', '    price: { inputPerMilion: "1" }'),
      'hub.yaml:8: unknown key `inputPerMilion` in models[0].price; did you mean `inputPerMillion`?',
    ],
    [
      channel('models:', '  - id: m', '    price: { perImage: 0.04 }'),
      'hub.yaml:8: models[0].price.perImage must be a string: put the number in quotes',
    ],
    [
      channel('models:', '  - id: m', '    price:', '      perImage:', '        - { price: "1", colour: red }'),
      'hub.yaml:10: unknown key `colour` in models[0].price.perImage[0]; known are size, quality, price',
    ],
    [
      channel('models:', '  - id: m', '    price:', '      perImage:', '        - { size: 1x1, price: "1" }'),
      'hub.yaml:10: models[0].price.perImage needs an entry without size and quality, for everything else',
    ],
    [
      channel('models:', '  - id: m', '    price:', '      tiers:', '        - { aboveInputTokens: 9 }'),
      'hub.yaml:10: models[0].price.tiers[0] must name at least one rate',
    ],
    [
      channel('models:', '  - id: m', '    onDisconnect: stay'),
      'hub.yaml:8: models[0].onDisconnect must be abort or drain',
    ],
    [channel('models:', '  - id: m', '    limits: { rpm: 0 }'), 'hub.yaml:8: models[0].limits.rpm must be >= 1'],
    [
      channel('    prices: { gpt4: { perRequest: "1" } }'),
      'hub.yaml:6: channels[0].prices names `gpt4`, which is no model of this channel; did you mean `gpt-4`?',
    ],
    [
      channel('    costs:', '      gpt-4: { perRequest: -1 }'),
      'hub.yaml:7: channels[0].costs.gpt-4.perRequest must be a string: put the number in quotes',
    ],
    [
      channel('    costs:', '      gpt-4:', '        perVideoSecond: [{ audio: true, price: "1" }]'),
      'hub.yaml:8: channels[0].costs.gpt-4.perVideoSecond needs an entry without resolution and audio',
    ],
    [channel('groups:', '  - id: g', '  - id: g'), 'hub.yaml:8: groups[1].id `g` is used twice'],
    [
      channel('groups:', '  - id: g', '    multiplier: 1.2'),
      'hub.yaml:8: groups[0].multiplier must be a string: put the number in quotes',
    ],
    [
      channel('groups:', '  - id: g', '    multiplier: "1000.1"'),
      'hub.yaml:8: groups[0].multiplier must be a decimal number from 0 to 1000',
    ],
    ['channels:\n  - id: [', 'hub.yaml:2: '],
    ['- a', 'hub.yaml:1: the file must be a mapping'],
  ])('refuses a mistake with its line (%#)', (text, problem) => {
    const problems = problemsOf(text);
    expect(problems[0]?.slice(0, problem.length)).toBe(problem);
    expect(problems).toHaveLength(1);
  });

  it('reports all problems at once, in the order of the file', () => {
    const problems = problemsOf(channel('    weigth: 1', '  - id: second', '    provider: openai', 'surprise: true'));
    expect(problems.map((problem) => problem.slice(0, 34))).toEqual([
      'hub.yaml:6: unknown key `weigth` i',
      'hub.yaml:7: channels[1] needs `mod',
      'hub.yaml:7: channels[1] needs `api',
      'hub.yaml:9: unknown key `surprise`',
    ]);
  });

  it('never shows a credential, not even a wrong one', () => {
    const wrong = channel().replace('apiKey: k', 'apiKey: [sk-secret]');
    expect(problemsOf(wrong).join('\n')).not.toContain('sk-secret');
  });
});

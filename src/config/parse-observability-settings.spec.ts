import { parseObservabilitySettings } from './parse-observability-settings.js';
import { SettingReader } from './setting-reader.js';

function parse(env: Record<string, string>) {
  const reader = new SettingReader(env);
  return { settings: parseObservabilitySettings(reader), problems: reader.problems.map(({ name }) => name) };
}

describe('the settings of metrics and traces', () => {
  it('switch both off by default', () => {
    expect(parse({})).toEqual({ settings: { metricsToken: undefined, tracing: undefined }, problems: [] });
    expect(parse({ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER_ARG: '1' }).settings.tracing).toBeUndefined();
  });

  it.each(['', 'only-fifteen-ch', 'has a space in the middle', 'has"quotes"and,commas', 'ünïcodeünïcodeünïcode'])(
    'do not take "%s" for a token of the metrics',
    (token) => {
      expect(parse({ HUB_METRICS_TOKEN: token }).problems).toEqual(token === '' ? [] : ['HUB_METRICS_TOKEN']);
    },
  );

  it('take a token that a header can carry', () => {
    expect(parse({ HUB_METRICS_TOKEN: 'abcDEF0123-._~+/==' }).settings.metricsToken).toBe('abcDEF0123-._~+/==');
  });

  it('take a collector, also without TLS', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/base/',
      OTEL_SERVICE_NAME: 'hub of the north',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    };
    expect(parse(env)).toEqual({
      settings: {
        metricsToken: undefined,
        tracing: { endpoint: 'http://127.0.0.1:4318/base', serviceName: 'hub of the north', sampledPart: 0.25 },
      },
      problems: [],
    });
    expect(parse({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example' }).settings.tracing).toEqual({
      endpoint: 'https://collector.example',
      serviceName: 'ug-ai-hub',
      sampledPart: 1,
    });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector.example:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://collector.example:4317'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:secret@collector.example'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector.example/?key=secret'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_SAMPLER_ARG', '10%'],
    ['OTEL_SERVICE_NAME', 'x'.repeat(201)],
  ])('refuse %s=%s', (name, value) => {
    expect(parse({ [name]: value }).problems).toEqual([name]);
  });
});

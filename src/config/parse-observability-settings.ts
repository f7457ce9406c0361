import type { SettingReader } from './setting-reader.js';
import type { ObservabilitySettings, TracingSettings } from './settings.js';

const TOKEN_CHARS_MIN = 16;
const SERVICE_NAME_CHARS_MAX = 200;

/** Reads what the hub shows of its work. */
export function parseObservabilitySettings(reader: SettingReader): ObservabilitySettings {
  return { metricsToken: metricsToken(reader), tracing: tracing(reader) };
}

function metricsToken(reader: SettingReader): string | undefined {
  const token = reader.text('HUB_METRICS_TOKEN');
  // What a header can carry as one word (RFC 6750, section 2.1): anything else no scraper could send.
  const isUsable = token === undefined || (token.length >= TOKEN_CHARS_MIN && /^[\w.~+/-]+=*$/.test(token));
  if (!isUsable) {
    reader.refuse(
      'HUB_METRICS_TOKEN',
      `must have at least ${TOKEN_CHARS_MIN} characters of A-Z a-z 0-9 - . _ ~ + /; make one with: openssl rand -hex 32`,
    );
  }
  return token;
}

function tracing(reader: SettingReader): TracingSettings | undefined {
  const endpoint = reader.url('OTEL_EXPORTER_OTLP_ENDPOINT', ['http:', 'https:']);
  const serviceName = reader.text('OTEL_SERVICE_NAME') ?? 'ug-ai-hub';
  if (serviceName.length > SERVICE_NAME_CHARS_MAX) {
    reader.refuse('OTEL_SERVICE_NAME', `must have at most ${SERVICE_NAME_CHARS_MAX} characters`);
  }
  const sampledPart = samplePart(reader);
  if (endpoint === undefined) return undefined;
  const { username, password, search, hash } = new URL(endpoint);
  if (username !== '' || password !== '' || search !== '' || hash !== '') {
    reader.refuse(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'must have no user, query or fragment; OTEL_EXPORTER_OTLP_HEADERS may carry a credential',
    );
  }
  return { endpoint: endpoint.replace(/\/+$/, ''), serviceName, sampledPart };
}

function samplePart(reader: SettingReader): number {
  const value = reader.text('OTEL_TRACES_SAMPLER_ARG');
  if (value === undefined) return 1;
  const part = /^(0|1|0?\.\d{1,9}|1\.0{1,9})$/.test(value) ? Number(value) : undefined;
  if (part === undefined) reader.refuse('OTEL_TRACES_SAMPLER_ARG', 'must be a number from 0 to 1, such as 0.1');
  return part ?? 1;
}

import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { RelayReport } from '../observers/relay-report.js';
import type { AttemptRecord } from '../routing/attempt-record.js';
import { BoundedNames } from './bounded-names.js';
import { RelayMetrics } from './relay-metrics.js';

const ATTEMPT: AttemptRecord = {
  number: 1,
  channelId: '1',
  channelName: 'first',
  model: 'm',
  provider: 'mistral',
  upstreamModel: 'upstream-model',
  outcome: 'done',
  fault: undefined,
  status: 200,
  startedAtMs: 1_700_000_000_000,
  durationMs: 900,
  firstTokenMs: 190,
  isResume: false,
};

const REPORT: RelayReport = {
  operation: 'chat',
  isStream: true,
  model: 'm',
  outcome: 'done',
  fault: undefined,
  durationMs: 1000,
  firstTokenMs: 200,
  inputTokens: 10,
  outputTokens: 41,
  attempts: [ATTEMPT],
};

const CHAT = 'gen_ai_operation_name="chat",gen_ai_provider_name="mistral_ai",gen_ai_request_model="m"';

/** The lines of what is counted, without those of buckets. */
async function count(...reports: readonly RelayReport[]): Promise<string[]> {
  const registry = new Registry();
  const metrics = new RelayMetrics(registry, new BoundedNames(200));
  for (const report of reports) {
    metrics.begin();
    metrics.count(report);
  }
  return (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#') && !line.includes('_bucket{'));
}

describe('metrics of relay requests', () => {
  it('have the names of the gen_ai conventions', async () => {
    const lines = await count(REPORT);
    expect(lines).toEqual(
      expect.arrayContaining([
        `gen_ai_server_request_duration_seconds_sum{${CHAT}} 1`,
        `gen_ai_server_time_to_first_token_seconds_sum{${CHAT}} 0.2`,
        // 800 ms for the 40 tokens after the first.
        `gen_ai_server_time_per_output_token_seconds_sum{${CHAT}} 0.02`,
        `gen_ai_client_token_usage_sum{${CHAT},gen_ai_token_type="input"} 10`,
        `gen_ai_client_token_usage_sum{${CHAT},gen_ai_token_type="output"} 41`,
        `hub_relay_requests_total{gen_ai_operation_name="chat",outcome="done",fault="none"} 1`,
        `hub_attempts_total{outcome="done",fault="none",provider="mistral_ai",channel="first"} 1`,
        'hub_relay_requests_in_flight 0',
      ]),
    );
  });

  it('say of a failure whose fault it was, and count every attempt', async () => {
    const failed = { ...ATTEMPT, outcome: 'timeout', fault: 'provider' } as const;
    const resumed = { ...failed, number: 2, channelName: 'second', isResume: true };
    const lines = await count({ ...REPORT, outcome: 'failed', fault: 'provider', attempts: [failed, resumed] });
    expect(lines).toEqual(
      expect.arrayContaining([
        `gen_ai_server_request_duration_seconds_count{${CHAT},error_type="provider"} 1`,
        'hub_attempts_total{outcome="timeout",fault="provider",provider="mistral_ai",channel="first"} 1',
        'hub_attempts_total{outcome="timeout",fault="provider",provider="mistral_ai",channel="second"} 1',
        'hub_resumed_attempts_total{outcome="timeout"} 1',
      ]),
    );
    expect(lines.filter((line) => line.startsWith('gen_ai_server_time_'))).toEqual([]);
  });

  it('have no time per token where there was no stream, or but one token', async () => {
    const lines = await count({ ...REPORT, isStream: false }, { ...REPORT, outputTokens: 1 });
    expect(lines.filter((line) => line.startsWith('gen_ai_server_time_per_output_token'))).toEqual([]);
  });

  it('stay as few as they are however many models and channels callers and operators think of', async () => {
    const ofNames = async (from: number, to: number): Promise<number> => {
      const reports = Array.from({ length: to - from }, (_each, index) => {
        const name = `${from + index} "\\\n{le="`;
        return { ...REPORT, model: name, attempts: [{ ...ATTEMPT, channelName: name }] };
      });
      return (await count(...reports)).length;
    };
    expect(await ofNames(0, 10_000)).toBe(await ofNames(0, 201));
    expect(
      (await count(...Array.from({ length: 300 }, (_each, i) => ({ ...REPORT, model: `${i}` })))).join('\n'),
    ).toContain('gen_ai_request_model="other"');
  });

  it('count those that are under way', async () => {
    const registry = new Registry();
    const metrics = new RelayMetrics(registry, new BoundedNames(200));
    metrics.begin();
    metrics.begin();
    metrics.count(REPORT);
    expect(await registry.metrics()).toContain('hub_relay_requests_in_flight 1\n');
  });
});

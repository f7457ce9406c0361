import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { toOperationName, toProviderName } from '../observers/gen-ai-names.js';
import type { RelayReport } from '../observers/relay-report.js';
import type { AttemptRecord } from '../routing/attempt-record.js';
import { BoundedNames } from './bounded-names.js';

/** Models by their names, the first so many. */
const MODELS_MAX = 200;
/** There was none: no channel was free to be asked. */
const NO_PROVIDER = 'none';
const NO_FAULT = 'none';

// Buckets are those that the conventions recommend, with more at the ends: answers with reasoning take minutes, and fast models
// give a token every few milliseconds.
const DURATION_BUCKETS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 655.36,
];
const FIRST_TOKEN_BUCKETS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
];
const PER_TOKEN_BUCKETS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];
const GEN_AI_LABELS = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const;
type GenAiLabel = (typeof GEN_AI_LABELS)[number];

/** Counts relay requests and their attempts at upstreams, under OpenTelemetry's gen_ai names where these have one. */
export class RelayMetrics {
  private readonly models = new BoundedNames(MODELS_MAX);
  private readonly durations: Histogram<GenAiLabel | 'error_type'>;
  private readonly firstTokens: Histogram<GenAiLabel>;
  private readonly perToken: Histogram<GenAiLabel>;
  private readonly tokens: Histogram<GenAiLabel | 'gen_ai_token_type'>;
  private readonly ended: Counter<'gen_ai_operation_name' | 'outcome' | 'fault'>;
  private readonly attempts: Counter<'outcome' | 'fault' | 'provider' | 'channel'>;
  private readonly resumes: Counter<'outcome'>;
  private readonly running: Gauge;

  /** @param channels bounds the names of channels. */
  constructor(
    registry: Registry,
    private readonly channels: BoundedNames,
  ) {
    const registers = [registry];
    this.durations = new Histogram({
      name: 'gen_ai_server_request_duration_seconds',
      help: 'From the admission of a relay request to the end of its answer. error_type: whose fault a failure was.',
      labelNames: [...GEN_AI_LABELS, 'error_type'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.firstTokens = new Histogram({
      name: 'gen_ai_server_time_to_first_token_seconds',
      help: 'From the admission of a request to the first content for its caller, of answers that came to their end.',
      labelNames: GEN_AI_LABELS,
      buckets: FIRST_TOKEN_BUCKETS,
      registers,
    });
    this.perToken = new Histogram({
      name: 'gen_ai_server_time_per_output_token_seconds',
      help: 'Mean time between two tokens after the first one, of streams that came to their end.',
      labelNames: GEN_AI_LABELS,
      buckets: PER_TOKEN_BUCKETS,
      registers,
    });
    this.tokens = new Histogram({
      name: 'gen_ai_client_token_usage',
      help: 'Tokens of a request as its upstream reported them.',
      labelNames: [...GEN_AI_LABELS, 'gen_ai_token_type'],
      buckets: TOKEN_BUCKETS,
      registers,
    });
    this.ended = new Counter({
      name: 'hub_relay_requests_total',
      help: 'Relay requests that were admitted and have ended, by how, and whose fault a failure was.',
      labelNames: ['gen_ai_operation_name', 'outcome', 'fault'],
      registers,
    });
    this.attempts = new Counter({
      name: 'hub_attempts_total',
      help: 'Attempts at upstreams, by how they ended and whose fault a failure was.',
      labelNames: ['outcome', 'fault', 'provider', 'channel'],
      registers,
    });
    this.resumes = new Counter({
      name: 'hub_resumed_attempts_total',
      help: 'Attempts that went on with an answer that had broken off, by how they ended.',
      labelNames: ['outcome'],
      registers,
    });
    this.running = new Gauge({
      name: 'hub_relay_requests_in_flight',
      help: 'Relay requests that were admitted and have not ended.',
      registers,
    });
  }

  /** A request was admitted. */
  begin(): void {
    this.running.inc();
  }

  /** Counts a request that has ended, with its attempts. */
  count(report: RelayReport): void {
    const { outcome } = report;
    const fault = report.fault ?? NO_FAULT;
    const operation = toOperationName(report.operation);
    this.running.dec();
    this.ended.inc({ gen_ai_operation_name: operation, outcome, fault }, 1);
    for (const attempt of report.attempts) this.countAttempt(attempt);
    const labels = {
      gen_ai_operation_name: operation,
      gen_ai_provider_name: toProviderName(report.attempts.at(-1)?.provider ?? NO_PROVIDER),
      gen_ai_request_model: this.models.of(report.model),
    };
    if (outcome === 'done') this.durations.observe(labels, report.durationMs / 1000);
    else this.durations.observe({ ...labels, error_type: fault }, report.durationMs / 1000);
    this.countTokens(labels, report);
  }

  private countAttempt(attempt: AttemptRecord): void {
    const { outcome } = attempt;
    const labels = {
      outcome,
      fault: attempt.fault ?? NO_FAULT,
      provider: toProviderName(attempt.provider),
      channel: this.channels.of(attempt.channelName),
    };
    this.attempts.inc(labels, 1);
    if (attempt.isResume) this.resumes.inc({ outcome }, 1);
  }

  private countTokens(labels: Record<GenAiLabel, string>, report: RelayReport): void {
    const { inputTokens, outputTokens, firstTokenMs } = report;
    if (inputTokens !== undefined) this.tokens.observe({ ...labels, gen_ai_token_type: 'input' }, inputTokens);
    if (outputTokens !== undefined) this.tokens.observe({ ...labels, gen_ai_token_type: 'output' }, outputTokens);
    if (report.outcome !== 'done' || firstTokenMs === undefined) return;
    this.firstTokens.observe(labels, firstTokenMs / 1000);
    if (!report.isStream || outputTokens === undefined || outputTokens < 2) return;
    this.perToken.observe(labels, Math.max(0, report.durationMs - firstTokenMs) / 1000 / (outputTokens - 1));
  }
}

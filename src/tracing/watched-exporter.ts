import { Logger } from '@nestjs/common';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

type ResultCallback = Parameters<SpanExporter['export']>[1];

const SUCCESS = 0;
const REASON_CHARS_MAX = 200;

/** An exporter that says once when the collector is away, and once when it is back. */
export class WatchedExporter implements SpanExporter {
  private readonly logger = new Logger('Tracing');
  private isFailing = false;

  constructor(private readonly exporter: SpanExporter) {}

  export(spans: ReadableSpan[], onResult: ResultCallback): void {
    this.exporter.export(spans, (result) => {
      this.note(result.code === SUCCESS, result.error);
      onResult(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  private note(isSent: boolean, error: Error | undefined): void {
    if (isSent !== this.isFailing) return;
    this.isFailing = !isSent;
    if (isSent) {
      this.logger.log('The collector takes traces again.');
      return;
    }
    const reason = (error?.message ?? 'no answer').slice(0, REASON_CHARS_MAX);
    this.logger.warn(`The collector does not take traces (${reason}); they are dropped until it does.`);
  }
}

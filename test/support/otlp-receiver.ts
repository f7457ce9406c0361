import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it comes over the wire, with its attributes as a plain object. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 2: server, 3: client. */
  readonly kind: number;
  /** 2: error. */
  readonly status: { readonly code?: number };
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A collector for OTLP over HTTP in JSON that keeps what it gets. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Attributes of the resource of the last request. */
  resource: Readonly<Record<string, unknown>> = {};
  /** Requests so far, those included that it does not answer. */
  requestCount = 0;
  /** All that was taken, as it came. */
  text = '';
  /** `silent` leaves requests without an answer; `failing` answers 400. */
  mode: 'taking' | 'silent' | 'failing' = 'taking';
  private readonly server = createServer((request, response) => void this.take(request, response));

  /** Where it listens, on a port of its own. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requestCount++;
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (this.mode === 'silent') return;
    if (this.mode === 'failing' || request.url !== '/v1/traces') {
      response.writeHead(400).end();
      return;
    }
    this.text += body;
    for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
      this.resource = toObject(resource.attributes);
      for (const scope of scopeSpans) this.spans.push(...scope.spans.map(toSpan));
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }
}

type WireSpan = Omit<ReceivedSpan, 'attributes' | 'startMs' | 'endMs'> & {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
};

function toSpan({ attributes, startTimeUnixNano, endTimeUnixNano, ...span }: WireSpan): ReceivedSpan {
  return {
    ...span,
    startMs: Number(BigInt(startTimeUnixNano) / 1_000_000n),
    endMs: Number(BigInt(endTimeUnixNano) / 1_000_000n),
    attributes: toObject(attributes),
  };
}

function toObject(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

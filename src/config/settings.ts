/** Limits of the relay; undefined does not limit. */
export interface LimitSettings {
  /** Requests per minute. */
  readonly rpm: number | undefined;
  /** Tokens per minute. */
  readonly tpm: number | undefined;
  /** Requests at the same time. */
  readonly concurrency: number | undefined;
}

/**
 * Everything the process takes from its environment, parsed once at start. Times are milliseconds, sizes are bytes.
 */
export interface Settings {
  /** NODE_ENV is `production`. */
  readonly isProduction: boolean;
  readonly server: {
    /** HOST; default 127.0.0.1. */
    readonly host: string;
    /** PORT; default 3000; 0 asks the system for a free one (tests). */
    readonly port: number;
    /** HUB_PUBLIC_URL without a trailing slash; default http://HOST:PORT. Used wherever an absolute URL is made. */
    readonly publicUrl: string;
    /** HUB_TRUST_PROXY: false, or the addresses, CIDRs or hop count whose X-Forwarded-For is believed. */
    readonly trustProxy: false | number | readonly string[];
    /** HUB_CORS_ORIGINS: origins allowed to call from a browser; `['*']` for any; empty turns CORS off. */
    readonly corsOrigins: readonly string[];
    /** HUB_DRAIN_TIMEOUT_MS; default 30000. */
    readonly drainTimeoutMs: number;
    /** HUB_HEADERS_TIMEOUT_MS: time for a client to send its headers; default 10000. */
    readonly headersTimeoutMs: number;
    /** HUB_REQUEST_TIMEOUT_MS: time for a client to send its whole request; default 60000. */
    readonly requestTimeoutMs: number;
    /** HUB_KEEP_ALIVE_TIMEOUT_MS: how long an idle client connection is kept; default 65000. */
    readonly keepAliveTimeoutMs: number;
    /** HUB_BODY_BYTES_MAX: largest JSON request body; default 20 MiB. */
    readonly bodyBytesMax: number;
    /** HUB_UPLOAD_BYTES_MAX: largest multipart request body; default 100 MiB. */
    readonly uploadBytesMax: number;
  };
  readonly database: {
    /** DATABASE_URL (postgres:// or postgresql://); undefined means the embedded database under dataDir. */
    readonly url: string | undefined;
    /** DATA_DIR; default ./data, absolute here. */
    readonly dataDir: string;
    /** HUB_DATABASE_POOL_MAX; default 10. */
    readonly poolMax: number;
    /** HUB_LEDGER_POOL_MAX: connections that reserve and settle; default 4. */
    readonly ledgerPoolMax: number;
    /** HUB_ADMIN_POOL_MAX: connections of the admin API; default 4. */
    readonly adminPoolMax?: number;
  };
  /** REDIS_URL; undefined means process memory serves. */
  readonly redisUrl: string | undefined;
  /** HUB_WORKERS; default 1; more than one needs DATABASE_URL. */
  readonly workers: number;
  /** HUB_CONFIG: path of the YAML file, absolute here. */
  readonly configFile: string | undefined;
  /** HUB_MASTER_KEY, 32 bytes; undefined lets the embedded default keep a key file. Required with DATABASE_URL. */
  readonly masterKey: Buffer | undefined;
  readonly bootstrap: {
    /** HUB_ADMIN_EMAIL; default admin@localhost. */
    readonly adminEmail: string | undefined;
    /** HUB_ADMIN_PASSWORD. */
    readonly adminPassword: string | undefined;
    /** HUB_API_KEY, a well-formed `sk_live_` key. */
    readonly apiKey: string | undefined;
    /** HUB_INITIAL_QUOTA in whole quota units; default 10000. */
    readonly initialQuotaUnits: bigint;
  };
  /** HUB_SANDBOX. */
  readonly sandbox: 'auto' | 'on' | 'off';
  /** LOG_LEVEL; default info. */
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly upstream: {
    /** HUB_UPSTREAM_CONNECT_TIMEOUT_MS: DNS, TCP and TLS together; default 2000. */
    readonly connectTimeoutMs: number;
    /** HUB_UPSTREAM_HEADERS_TIMEOUT_MS: from sending to response headers; default 300000. */
    readonly headersTimeoutMs: number;
    /** HUB_UPSTREAM_IDLE_TIMEOUT_MS: silence inside a response body; default 120000. */
    readonly idleTimeoutMs: number;
    /** HUB_UPSTREAM_TOTAL_TIMEOUT_MS: from the first attempt of a request to the end of the last; default 900000. */
    readonly totalTimeoutMs: number;
    /** HUB_UPSTREAM_BODY_BYTES_MAX: largest non-stream answer; default 64 MiB. */
    readonly bodyBytesMax: number;
    /** HUB_UPSTREAM_LINE_BYTES_MAX: longest line of a stream; default 1 MiB. */
    readonly lineBytesMax: number;
    /** HUB_UPSTREAM_CONNECTIONS_MAX per origin; default 4096. */
    readonly connectionsMax: number;
  };
  readonly limits: {
    /** HUB_KEY_RPM_DEFAULT, HUB_KEY_TPM_DEFAULT, HUB_KEY_CONCURRENCY_DEFAULT: of API keys without limits of their own. */
    readonly keyDefaults: LimitSettings;
    /** HUB_ACCOUNT_RPM_DEFAULT, HUB_ACCOUNT_TPM_DEFAULT, HUB_ACCOUNT_CONCURRENCY_DEFAULT: the same of accounts. */
    readonly accountDefaults: LimitSettings;
    /** HUB_PUBLIC_RPM: requests per minute and address to routes that need no key; default 300. */
    readonly publicRpm: number;
  };
  readonly billing: {
    /** HUB_OUTPUT_TOKENS_DEFAULT: cap on output tokens of a whole answer when neither caller nor model say one; default 4096. */
    readonly outputTokensDefault: number;
    /** HUB_STREAM_SLICE_TOKENS: output tokens that a stream without a cap holds at a time; default 4096. */
    readonly streamSliceTokens: number;
    /** HUB_HOLD_LEASE_MS: a hold without a heartbeat of its process for so long is swept; default 60000. */
    readonly holdLeaseMs: number;
  };
  readonly jobs: {
    /** HUB_JOB_STATUS_MS_MAX: most time between two looks at a job's upstream; default 15000. */
    readonly statusMsMax: number;
    /** HUB_JOB_QUEUE_MS: how long a job may wait for a channel that takes it; default one hour. */
    readonly queueMs: number;
    /** HUB_JOB_LEASE_MS: after so long without a sign of life of its worker a job is taken over; default 30000. */
    readonly leaseMs: number;
  };
  readonly relay: {
    /** HUB_FIRST_TOKEN_TIMEOUT_MS: how long the first content of a stream may take while another channel is left; default 10000. */
    readonly firstTokenTimeoutMs: number;
    /** HUB_GAP_TIMEOUT_MS: the same for silence inside an answer; default 10000. */
    readonly gapTimeoutMs: number;
    /** HUB_WHOLE_TIMEOUT_MS: the same for an answer that is not streamed; default 60000. */
    readonly wholeTimeoutMs: number;
    /** HUB_STREAM_HOLD_MS: how long the 200 of a stream waits for the first upstream event; default 15000. */
    readonly streamHoldMs: number;
    /** HUB_STREAM_PING_MS: silence after which a comment is sent; default 15000. */
    readonly streamPingMs: number;
  };
  readonly routing: {
    /** HUB_CHANNEL_PROBE_MS: how often the upstreams of ejected channels are asked for their models; undefined: never. */
    readonly channelProbeMs: number | undefined;
  };
  readonly admin: {
    /** HUB_ADMIN: `off` serves no admin API, and does not even load it; default `on`. */
    readonly isOn: boolean;
    /** HUB_ADMIN_PLAYGROUND: GraphiQL at /graphql and the schema for tools; `auto` (default) means outside production. */
    readonly isPlaygroundOn: boolean;
    /** HUB_ADMIN_OPERATIONS: file with the only operations that are allowed, absolute here; undefined allows any. */
    readonly operationsFile: string | undefined;
  };
  readonly alerts: {
    /** Where alerts are posted; undefined without HUB_ALERT_WEBHOOK_URL. */
    readonly webhook: WebhookSettings | undefined;
    /** HUB_LOW_BALANCE_UNITS in nano-credits, for accounts without a threshold of their own; default 0: no alert. */
    readonly lowBalance: bigint;
  };
  readonly media: MediaSettings;
  readonly webhooks: {
    /** HUB_WEBHOOK_ALLOW_PRIVATE: customers' webhooks may use http and be in private networks; default false. */
    readonly allowPrivateNetwork: boolean;
  };
  readonly audit: {
    /** HUB_AUDIT_HOUR_UTC: from which hour of the day on the nightly audit runs; default 3. */
    readonly hourUtc: number;
  };
  readonly retention: {
    /** HUB_RETENTION_USAGE_MONTHS: months that holds and usage events are kept after the end of theirs; undefined: for ever. */
    readonly usageMonths: number | undefined;
    /** HUB_RETENTION_JOBS_DAYS: days that a job is kept after its end; undefined: for ever. */
    readonly jobsDays: number | undefined;
  };
  readonly capture: {
    /** HUB_CAPTURE_RETENTION_HOURS: how long captured requests and answers are kept; default 72. */
    readonly retentionHours: number;
  };
  readonly observability: ObservabilitySettings;
}

/** What the hub shows of its work to monitoring. */
export interface ObservabilitySettings {
  /** HUB_METRICS_TOKEN: who has it may read /metrics; undefined serves and collects none. */
  readonly metricsToken: string | undefined;
  /** Where traces are sent; undefined without OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly tracing: TracingSettings | undefined;
}

/** How traces are sent. The exporter itself reads OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT and _COMPRESSION. */
export interface TracingSettings {
  /** OTEL_EXPORTER_OTLP_ENDPOINT without a trailing slash; traces go to its /v1/traces. */
  readonly endpoint: string;
  /** OTEL_SERVICE_NAME; default ug-ai-hub. */
  readonly serviceName: string;
  /** OTEL_TRACES_SAMPLER_ARG: the part of the requests that is traced, from 0 to 1; default 1. */
  readonly sampledPart: number;
}

/** What becomes of the results of jobs. */
export interface MediaSettings {
  /**
   * HUB_RESULT_DELIVERY: `copy` (default) keeps each result in the hub's own storage and hands out its own links; `link` hands out
   * those of the upstream.
   */
  readonly delivery: 'copy' | 'link';
  /** HUB_RESULT_RETENTION_MS: how long a result is kept after its job has ended; default 7 days. */
  readonly retentionMs: number;
  /** HUB_RESULT_LINK_MS: how long a link to a result works, never beyond its retention; default 24 hours. */
  readonly linkMs: number;
  /** HUB_MEDIA_DIR: the folder of results, absolute here; default `media` in DATA_DIR, and with it `memory://`. */
  readonly dir: string;
  /** HUB_MEDIA_FILE_BYTES_MAX: largest result; default 1 GiB. */
  readonly fileBytesMax: number;
  /** HUB_MEDIA_BYTES_MAX: what all results together may take; undefined: what the disk has. */
  readonly bytesMax: number | undefined;
  /** HUB_MEDIA_FREE_BYTES_MIN: new jobs are refused when less is free on the disk of the folder; default 1 GiB. */
  readonly freeBytesMin: number;
  /** Where results are kept instead of the folder; undefined without HUB_S3_BUCKET. */
  readonly s3: S3Settings | undefined;
}

/** A bucket of S3, or of anything that speaks its protocol. */
export interface S3Settings {
  /** HUB_S3_ENDPOINT; undefined means Amazon's of the region. */
  readonly endpoint: string | undefined;
  /** HUB_S3_BUCKET. */
  readonly bucket: string;
  /** HUB_S3_REGION; default us-east-1. */
  readonly region: string;
  /** HUB_S3_ACCESS_KEY_ID. */
  readonly accessKeyId: string;
  /** HUB_S3_SECRET_ACCESS_KEY. */
  readonly secretAccessKey: string;
  /** HUB_S3_PREFIX: begins every name, with a slash at its end; default ''. */
  readonly prefix: string;
  /** HUB_S3_PATH_STYLE: the bucket is part of the path, not of the host name; default true with HUB_S3_ENDPOINT. */
  readonly isPathStyle: boolean;
}

/** A receiver of signed messages. */
export interface WebhookSettings {
  /** HUB_ALERT_WEBHOOK_URL; its path and query may hold a token. */
  readonly url: string;
  /** HUB_ALERT_WEBHOOK_SECRET, which signs the messages. */
  readonly secret: string;
  /** HUB_ALERT_WEBHOOK_ALLOW_PRIVATE; default false. */
  readonly allowPrivateNetwork: boolean;
}

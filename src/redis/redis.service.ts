import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';

const COMMAND_TIMEOUT_MS = 1000;
const RECONNECT_MS_MAX = 2000;

/** What the health check says of Redis. */
export type RedisStatus = 'ok' | 'error' | 'disabled';

/** Called with each message of a topic. */
export type MessageHandler = (message: string) => void;

/**
 * The hub's connection to Redis. Redis is only ever a cache and a loudspeaker here: every failure is survived, logged
 * once per outage, and seen in the health check.
 */
export class RedisService implements OnApplicationShutdown {
  private readonly logger = new Logger(RedisService.name);
  private readonly commands: Redis | undefined;
  private readonly subscriber: Redis | undefined;
  private readonly handlers = new Map<string, MessageHandler[]>();
  private isFailing = false;

  constructor(url: string | undefined) {
    if (url === undefined) return;
    this.commands = this.connect(url);
    this.subscriber = this.connect(url);
    this.subscriber.on('message', (topic: string, message: string) => this.hear(topic, message));
  }

  /** True when REDIS_URL is set, whether or not the server answers. */
  get isEnabled(): boolean {
    return this.commands !== undefined;
  }

  /** Asks the server; `disabled` without REDIS_URL. Answers within a second. */
  async status(): Promise<RedisStatus> {
    if (this.commands === undefined) return 'disabled';
    try {
      await this.commands.ping();
      return 'ok';
    } catch {
      return 'error';
    }
  }

  /**
   * Tells all instances. This one hears it at once, Redis or not; the others hear nothing while Redis is away, and find
   * out by looking.
   */
  async publish(topic: string, message: string): Promise<void> {
    this.hear(topic, message);
    try {
      await this.commands?.publish(topic, message);
    } catch (error) {
      this.note(error as Error);
    }
  }

  /** Listens to a topic for as long as the process lives; a lost connection subscribes again by itself. */
  subscribe(topic: string, handler: MessageHandler): void {
    const handlers = this.handlers.get(topic) ?? [];
    this.handlers.set(topic, [...handlers, handler]);
    this.subscriber?.subscribe(topic).catch((error: Error) => this.note(error));
  }

  onApplicationShutdown(): void {
    this.commands?.disconnect();
    this.subscriber?.disconnect();
  }

  private hear(topic: string, message: string): void {
    for (const handler of this.handlers.get(topic) ?? []) handler(message);
  }

  private connect(url: string): Redis {
    const client = new Redis(url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: (tries) => Math.min(tries * 100, RECONNECT_MS_MAX),
    });
    client.on('error', (error: Error) => this.note(error));
    client.on('ready', () => {
      if (this.isFailing) this.logger.log('Redis is back.');
      this.isFailing = false;
    });
    return client;
  }

  private note(error: Error): void {
    if (this.isFailing) return;
    this.isFailing = true;
    this.logger.warn(`Redis does not answer (${error.message}); process memory serves meanwhile.`);
  }
}

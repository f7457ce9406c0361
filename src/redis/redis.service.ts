import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Redis, type RedisOptions } from 'ioredis';
import type { RedisScript } from './redis-script.js';

const COMMAND_TIMEOUT_MS = 1000;
const RECONNECT_MS_MAX = 2000;
/** After so long without a word from the server while a script waits, its connection is made anew. */
const SCRIPT_SILENCE_MS_MAX = 5000;

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
  /** A connection of its own, which refuses at once what it cannot send: nothing must queue up in a request's way. */
  private readonly scripts: Redis | undefined;
  private readonly handlers = new Map<string, MessageHandler[]>();
  private isFailing = false;

  constructor(url: string | undefined) {
    if (url === undefined) return;
    this.commands = this.connect(url);
    const subscriber = this.connect(url);
    subscriber.on('message', (topic: string, message: string) => this.hear(topic, message));
    subscriber.on('ready', () => void this.listen(subscriber, [...this.handlers.keys()]));
    this.subscriber = subscriber;
    this.scripts = this.connect(url, { enableOfflineQueue: false, socketTimeout: SCRIPT_SILENCE_MS_MAX });
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

  /**
   * Listens to a topic for as long as the process lives. With each new connection to Redis the handler is called once with
   * an empty message: what was said before that connection was not heard.
   */
  subscribe(topic: string, handler: MessageHandler): void {
    const handlers = this.handlers.get(topic) ?? [];
    this.handlers.set(topic, [...handlers, handler]);
    if (this.subscriber?.status === 'ready') void this.listen(this.subscriber, [topic]);
  }

  /**
   * Runs a Lua script, by its name if the server knows it. Rejects when Redis is disabled, away, slow for a second, or
   * refuses; the caller must go on without it.
   */
  async runScript(
    script: RedisScript,
    keys: readonly string[],
    parameters: readonly (string | number)[],
  ): Promise<unknown> {
    const { scripts } = this;
    if (scripts === undefined) throw new Error('Redis is disabled');
    try {
      return await scripts.evalsha(script.sha, keys.length, ...keys, ...parameters);
    } catch (error) {
      // A server that has been started anew or flushed knows no scripts.
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return await scripts.eval(script.source, keys.length, ...keys, ...parameters);
    }
  }

  onApplicationShutdown(): void {
    this.commands?.disconnect();
    this.subscriber?.disconnect();
    this.scripts?.disconnect();
  }

  /** Subscribes first and then calls the handlers, so that nothing is said in between. */
  private async listen(subscriber: Redis, topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    try {
      await subscriber.subscribe(...topics);
      for (const topic of topics) this.hear(topic, '');
    } catch (error) {
      this.note(error as Error);
      // A server that was only slow may hear of no other connection, and the handlers would wait for their first call for ever.
      if (subscriber.status === 'ready') subscriber.disconnect(true);
    }
  }

  private hear(topic: string, message: string): void {
    for (const handler of this.handlers.get(topic) ?? []) handler(message);
  }

  private connect(url: string, options: RedisOptions = {}): Redis {
    const client = new Redis(url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      // It would remember only what a server has acknowledged, which may be none of it; `listen` knows all topics.
      autoResubscribe: false,
      retryStrategy: (tries) => Math.min(tries * 100, RECONNECT_MS_MAX),
      ...options,
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

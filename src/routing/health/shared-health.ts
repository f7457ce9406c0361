import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { RedisScript } from '../../redis/redis-script.js';
import { TOPIC_HEALTH } from '../../redis/topics.js';
import { PROBE_LEASE_MS } from './breaker.js';
import type { HealthSharing } from './channel-health.js';
import { type HealthNews, readNews, writeNews } from './health-news.js';
import { ANNOUNCE, CLAIM, RECALL, RELEASE } from './health-scripts.js';

const KEPT = 'hub:health';
const PROBE = 'hub:health:probe:';
/** How long a probe waits for Redis before this process probes alone. */
const PATIENCE_MS = 50;
/** After Redis did not answer, nobody waits for it for so long. */
const UNASKED_MS = 5000;

/** What of Redis is needed; the Redis service. */
export interface HealthRedis {
  readonly isEnabled: boolean;
  subscribe(topic: string, handler: (message: string) => void): void;
  runScript(script: RedisScript, keys: readonly string[], parameters: readonly (string | number)[]): Promise<unknown>;
}

/**
 * The health of candidates through Redis: what one instance finds out is told to all at once, and kept for those that come later. While
 * Redis is away each instance goes by what it sees itself.
 */
export class SharedHealth implements HealthSharing {
  private readonly logger = new Logger('Routing');
  private readonly instance = randomBytes(9).toString('base64url');
  private listener: ((news: HealthNews) => void) | undefined;
  private isFailing = false;
  private unaskedUntilMs = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(
    private readonly redis: HealthRedis,
    private readonly now: () => number = () => performance.now(),
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  listen(listener: (news: HealthNews) => void): void {
    this.listener = listener;
    this.redis.subscribe(TOPIC_HEALTH, (message) => {
      // Nothing was heard before this connection.
      if (message === '') void this.recall();
      else this.hear(message);
    });
  }

  announce(news: HealthNews): void {
    const restMs = news.type === 'recovered' ? 0 : Math.ceil(news.restMs);
    const field = `${news.type === 'told' ? 'told' : 'ejected'} ${news.key}`;
    this.tell(
      ANNOUNCE,
      [KEPT, PROBE + news.key],
      [field, writeNews(news, this.instance), restMs, TOPIC_HEALTH, this.instance],
    );
  }

  claimProbe(key: string): Promise<boolean> | undefined {
    if (!this.redis.isEnabled || this.now() < this.unaskedUntilMs) return undefined;
    return new Promise((resolve) => {
      let isSettled = false;
      const settle = (isOurs: boolean): boolean => {
        if (isSettled) return false;
        isSettled = true;
        clearTimeout(timer);
        resolve(isOurs);
        return true;
      };
      const goAlone = (): void => {
        if (settle(true)) this.unaskedUntilMs = this.now() + UNASKED_MS;
      };
      // Timers come before sockets in a turn of the loop: after a busy moment the answer may be there already, unread.
      const timer = setTimeout(() => setImmediate(goAlone), this.patienceMs);
      this.redis.runScript(CLAIM, [PROBE + key], [this.instance, PROBE_LEASE_MS]).then(
        (answer) => settle(answer === 1),
        (error: Error) => {
          this.note(error);
          goAlone();
        },
      );
    });
  }

  releaseProbe(key: string): void {
    this.tell(RELEASE, [PROBE + key], [this.instance]);
  }

  private async recall(): Promise<void> {
    try {
      const kept = await this.redis.runScript(RECALL, [KEPT], []);
      this.isFailing = false;
      if (!Array.isArray(kept)) return;
      for (let i = 0; i + 1 < kept.length; i += 2) this.hear(String(kept[i]), Number(kept[i + 1]));
    } catch (error) {
      this.note(error as Error);
    }
  }

  private hear(message: string, leftMs?: number): void {
    const heard = readNews(message, leftMs);
    // Redis tells each instance its own news as well.
    if (heard !== undefined && heard.from !== this.instance) this.listener?.(heard.news);
  }

  private tell(script: RedisScript, keys: readonly string[], parameters: readonly (string | number)[]): void {
    if (!this.redis.isEnabled) return;
    this.redis.runScript(script, keys, parameters).then(
      () => {
        this.isFailing = false;
      },
      (error: Error) => this.note(error),
    );
  }

  private note(error: Error): void {
    if (this.isFailing) return;
    this.isFailing = true;
    this.logger.warn(`Other instances cannot be told how channels are doing: ${error.message}`);
  }
}

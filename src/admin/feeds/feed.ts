import { Logger } from '@nestjs/common';
import { Broadcast } from './broadcast.js';

const LOOK_MS = 1_000;

/**
 * Looks at the database once a second for all who listen, and not at all while nobody does. What happened on other instances is
 * seen as well.
 */
export abstract class Feed<Item> {
  private readonly logger = new Logger(this.constructor.name);
  private readonly broadcast = new Broadcast<Item>((areThere) => (areThere ? this.begin() : this.pause()));
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;

  /** The items from now on. */
  listen(): AsyncIterableIterator<Item, undefined> {
    return this.broadcast.listen();
  }

  onModuleDestroy(): void {
    this.pause();
    this.broadcast.end();
  }

  /** What has happened since the look before; the first look only finds out where "now" is. */
  protected abstract look(): Promise<readonly Item[]>;

  /** Nobody listens any more: the next look is a first one. */
  protected abstract forget(): void;

  private begin(): void {
    void this.round();
    this.timer = setInterval(() => void this.round(), LOOK_MS).unref();
  }

  private pause(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.forget();
  }

  private async round(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      for (const item of await this.look()) this.broadcast.send(item);
    } catch (error) {
      this.logger.warn(`A live feed missed a look: ${(error as Error).message}`);
    } finally {
      this.isLooking = false;
      // The last listener left meanwhile: from the place that was just found, the next one would hear of hours ago.
      if (this.timer === undefined) this.forget();
    }
  }
}

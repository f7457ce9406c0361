import { Injectable } from '@nestjs/common';

/** Whether this instance still wants traffic. */
@Injectable()
export class Lifecycle {
  private draining = false;
  private readonly listeners: (() => void)[] = [];

  /** True from the moment a stop was asked for: not ready, and connections are told to close. */
  get isDraining(): boolean {
    return this.draining;
  }

  /** Calls back once when a stop is asked for; for what would otherwise keep its connection open. */
  onDrain(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** A stop was asked for; there is no way back. */
  beginDrain(): void {
    if (this.draining) return;
    this.draining = true;
    for (const listener of this.listeners) listener();
  }
}

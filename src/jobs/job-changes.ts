import { Injectable } from '@nestjs/common';

/** Tells those in this process who wait for news of jobs. Other processes look for themselves. */
@Injectable()
export class JobChanges {
  private readonly listeners = new Set<(id: string) => void>();

  /** A job has changed. */
  note(id: string): void {
    for (const listener of this.listeners) listener(id);
  }

  /** @returns ends it. */
  listen(listener: (id: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

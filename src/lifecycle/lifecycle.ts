import { Injectable } from '@nestjs/common';

/** Whether this instance still wants traffic. */
@Injectable()
export class Lifecycle {
  private draining = false;

  /** True from the moment a stop was asked for: not ready, and connections are told to close. */
  get isDraining(): boolean {
    return this.draining;
  }

  /** A stop was asked for; there is no way back. */
  beginDrain(): void {
    this.draining = true;
  }
}

import { Injectable } from '@nestjs/common';
import { HubError } from '../../../common/hub-error.js';

/** Lets one dry run at a time read: each may look at some hundred thousand requests. */
@Injectable()
export class DryRunGate {
  private isBusy = false;

  /** @throws HubError 429 `dry_run_under_way`. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.isBusy) throw dryRunUnderWay();
    this.isBusy = true;
    try {
      return await work();
    } finally {
      this.isBusy = false;
    }
  }
}

function dryRunUnderWay(): HubError {
  return new HubError({
    status: 429,
    code: 'dry_run_under_way',
    message: 'Another dry run is under way. Please try again in some seconds.',
    retryAfterSeconds: 5,
    shouldRetry: false,
  });
}

import { HubError } from '../../common/hub-error.js';

/** Each asks the database once a second whether it may go on, for an hour at most. */
const PER_PERSON_MAX = 20;

/** The subscriptions that are open on this instance, by person. */
export class OpenSubscriptions {
  private readonly counts = new Map<string, number>();

  /**
   * Counts one more of a person.
   *
   * @returns counts it no more; to be called once.
   * @throws HubError 429 `too_many_subscriptions`.
   */
  begin(userId: string): () => void {
    const count = this.counts.get(userId) ?? 0;
    if (count >= PER_PERSON_MAX) throw tooManySubscriptions();
    this.counts.set(userId, count + 1);
    return () => {
      const left = (this.counts.get(userId) ?? 0) - 1;
      if (left > 0) this.counts.set(userId, left);
      else this.counts.delete(userId);
    };
  }
}

function tooManySubscriptions(): HubError {
  return new HubError({
    status: 429,
    code: 'too_many_subscriptions',
    message: `You have ${PER_PERSON_MAX} subscriptions open. Close one first.`,
    shouldRetry: false,
  });
}

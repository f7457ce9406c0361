import { Inject, Injectable } from '@nestjs/common';
import { Sql, type SqlSession } from '../database/sql.js';
import type { NewAlert } from './alert.js';
import { AlertDelivery } from './alert-delivery.js';
import { endAlert, insertAlert } from './insert-alert.js';

/** The one way to tell an operator something: written once per happening, logged, and posted to the webhook. */
@Injectable()
export class Alerts {
  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(AlertDelivery) private readonly delivery: AlertDelivery,
  ) {}

  /**
   * Raises an alert; it is delivered at once.
   *
   * @returns false when this happening was raised before.
   * @throws DatabaseUnavailableError when the database is away.
   */
  async raise(alert: NewAlert): Promise<boolean> {
    const isNew = await insertAlert(this.sql, alert);
    if (isNew) this.delivery.wake();
    return isNew;
  }

  /** The same within the caller's transaction; delivered within seconds of its commit. */
  raiseIn(session: SqlSession, alert: NewAlert): Promise<boolean> {
    return insertAlert(session, alert);
  }

  /** A state that was raised under this key is over: the next time it begins is a new alert. */
  end(dedupeKey: string): Promise<void> {
    return endAlert(this.sql, dedupeKey);
  }

  /** Has what other transactions raised delivered now. */
  wake(): void {
    this.delivery.wake();
  }
}

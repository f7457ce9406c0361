import type { Settings } from '../../config/settings.js';
import type { SqlSession } from '../../database/sql.js';
import type { NewAlert } from '../alert.js';

/** Something that is looked at every minute. */
export interface AlertRule {
  readonly name: string;
  /**
   * Finds what is to be raised now, by few and cheap statements in one transaction. Finding it again is fine: its key
   * makes it one alert.
   */
  find(session: SqlSession, settings: Settings): Promise<readonly NewAlert[]>;
}

/** Most alerts of one rule in one round; the others come with the next. */
export const ALERTS_PER_ROUND_MAX = 200;

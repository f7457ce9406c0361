/** An API key changed: all instances forget the keys they remember. The message is empty. */
export const TOPIC_KEYS = 'hub:keys';

/** Channels, models or routes changed: all instances load the catalogue again. The message is empty. */
export const TOPIC_CATALOG = 'hub:catalog';

/** An instance has found out how a channel is doing. The message says what, see `routing/health/health-news.ts`. */
export const TOPIC_HEALTH = 'hub:health';

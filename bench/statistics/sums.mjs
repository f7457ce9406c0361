// @ts-check

import { parts } from './parts.mjs';

/** @returns {import('./tasks.mjs').Task[]} that fill the tables of sums from the events, each set from the smallest one that knows it,
 * and in the order of time, as roll-ups write them */
export function sumTasks() {
  const task = (
    /** @type {string} */ name,
    /** @type {string[]} */ after,
    /** @type {(parts: any) => string} */ text,
  ) => ({
    name,
    after,
    run: async (/** @type {import('pg').Client} */ client) => client.query(text(await parts())),
  });
  const day = `date_trunc('day', hour, 'UTC')`;
  /** @param {any} modules */
  const slice = (
    { USAGE_SUMS },
    /** @type {string} */ values,
    /** @type {string} */ from,
    /** @type {boolean} */ isOfEvents = false,
  ) => {
    const sums = Object.entries(USAGE_SUMS).map(([name, value]) => `sum(${isOfEvents ? value : name})`);
    return `insert into usage_slice (span, dimension, account_id, at, value, ${Object.keys(USAGE_SUMS).join(', ')})
      select ${values}, ${sums.join(', ')} from ${from} group by 1, 2, 3, 4, 5 order by 4`;
  };
  const hours = (/** @type {string} */ dimension) => `usage_slice where span = 'hour' and dimension = '${dimension}'`;
  const ending = `endpoint || ':' || outcome`;
  return [
    task('rows of usage_hour', ['rows of usage_event'], ({ USAGE_GROUPS, USAGE_SUMS }) => {
      const sums = Object.values(USAGE_SUMS).map((value) => `sum(${value})`);
      return `insert into usage_hour (${[...Object.keys(USAGE_GROUPS), ...Object.keys(USAGE_SUMS)].join(', ')})
        select ${[...Object.values(USAGE_GROUPS), ...sums].join(', ')} from usage_event
        group by 1, 2, 3, 4, 5, 6 order by 1`;
    }),
    task('rows of usage_day', ['rows of usage_hour'], ({ USAGE_SUMS }) => {
      const names = Object.keys(USAGE_SUMS);
      return `insert into usage_day (account_id, day, key_id, model, channel_id, ${names.join(', ')})
        select account_id, ${day}, key_id, model, channel_id, ${names.map((name) => `sum(${name})`).join(', ')}
          from usage_hour group by 1, 2, 3, 4, 5 order by 2`;
    }),
    task('rows of usage_user_day', ['rows of usage_hour'], ({ USAGE_SUMS }) => {
      const names = Object.keys(USAGE_SUMS);
      return `insert into usage_user_day (account_id, day, user_identifier, ${names.join(', ')})
        select account_id, ${day}, user_identifier, ${names.map((name) => `sum(${name})`).join(', ')}
          from usage_hour group by 1, 2, 3 order by 2`;
    }),
    task('hours of keys', ['rows of usage_hour'], (modules) =>
      slice(modules, `'hour', 'key', 0, hour, key_id::text`, 'usage_hour'),
    ),
    task('hours of routes', ['rows of usage_hour'], (modules) =>
      slice(modules, `'hour', 'route', 0, hour, channel_id || ':' || model`, 'usage_hour'),
    ),
    task('hours of endings', ['rows of usage_event'], (modules) =>
      slice(modules, `'hour', 'ending', 0, date_trunc('hour', created_at, 'UTC'), ${ending}`, 'usage_event', true),
    ),
    task('days of endings', ['rows of usage_event'], (modules) =>
      slice(
        modules,
        `'day', 'ending', account_id, date_trunc('day', created_at, 'UTC'), ${ending}`,
        'usage_event',
        true,
      ),
    ),
    // All requests of the seed have a key, and each account three of them.
    task('hours of accounts', ['hours of keys'], (modules) =>
      slice(modules, `'hour', 'account', 0, at, (1000 + (value::bigint - 1) / 3)::text`, hours('key')),
    ),
    task('hours of models', ['hours of routes'], (modules) =>
      slice(modules, `'hour', 'model', 0, at, substr(value, strpos(value, ':') + 1)`, hours('route')),
    ),
    task('hours of channels', ['hours of routes'], (modules) =>
      slice(modules, `'hour', 'channel', 0, at, split_part(value, ':', 1)`, hours('route')),
    ),
    task('hours of all', ['hours of models'], (modules) =>
      slice(modules, `'hour', 'total', 0, at, ''`, hours('model')),
    ),
    task(
      'rows of usage_slice',
      ['hours of all', 'hours of accounts', 'hours of channels', 'hours of endings', 'days of endings'],
      (modules) =>
        slice(modules, `'day', dimension, 0, date_trunc('day', at, 'UTC'), value`, `usage_slice where span = 'hour'`),
    ),
  ];
}

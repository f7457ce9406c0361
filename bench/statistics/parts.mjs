// @ts-check

import 'reflect-metadata';

/** @param {string} path of a compiled module */
const built = (path) => import(new URL(`../../dist/src/${path}`, import.meta.url).href);

/** What the bench takes from the product; it must be built. */
export async function parts() {
  const modules = await Promise.all([
    built('database/database.js'),
    built('usage/add-to-sums.js'),
    built('usage/usage-sums.js'),
    built('usage/roll-up-usage.js'),
    built('reporting/read-usage.js'),
    built('reporting/read-usage-groups.js'),
    built('reporting/list-requests.js'),
    built('reporting/list-usage-events.js'),
    built('reporting/list-entries.js'),
    built('reporting/reprice-traffic.js'),
    built('pricing/parse-price.js'),
  ]);
  return Object.assign({}, ...modules);
}

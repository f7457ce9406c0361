import { amongAccounts } from './invariant.js';

/** What `usage_slice` keeps of all accounts together, by span and dimension. */
const OF_ALL = [
  ...['total', 'model', 'channel', 'route', 'key', 'ending'].flatMap((name) => [`hour ${name}`, `day ${name}`]),
];
/** What is kept of each account, besides its hours. */
const OF_ACCOUNTS = ['usage_day', 'usage_user_day', 'day ending', 'hour account', 'day account'];

const SUMMED = ['cost', 'loss', 'requests', 'audio_ms', 'characters', 'searches'];
const SUMS = SUMMED.map((name) => `sum(${name}) as ${name}`).join(', ');
const valuesOf = (row: string): string => SUMMED.map((name) => `coalesce(${row}.${name}, 0)`).join(', ');
const namesOf = (names: readonly string[]): string => `(values ${names.map((name) => `('${name}')`).join(', ')})`;

/**
 * Rows for accounts, and one without an account for all together, whose sums by day or dimension are others than their hours
 * say. While one of the two watermarks is behind they differ, and nothing is said.
 */
export const STATISTICS_DRIFT_SQL = `(
  with hours as materialized (
    select account_id, ${SUMS} from usage_hour where ${amongAccounts('account_id')} group by 1),
  expected as (
    select n.name, h.* from hours h cross join ${namesOf(OF_ACCOUNTS)} n (name)
    union all
    select n.name, null, h.* from (select ${SUMS} from hours) h cross join ${namesOf(OF_ALL)} n (name) where $1::bigint[] is null),
  kept as (
    select 'usage_day' as name, account_id, ${SUMS} from usage_day where ${amongAccounts('account_id')} group by 2
    union all
    select 'usage_user_day', account_id, ${SUMS} from usage_user_day where ${amongAccounts('account_id')} group by 2
    union all
    select span || ' ' || dimension, account_id, ${SUMS} from usage_slice
     where account_id <> 0 and ${amongAccounts('account_id')} group by 1, 2
    union all
    select span || ' account', value::bigint, ${SUMS} from usage_slice
     where dimension = 'account' and account_id = 0 and ${amongAccounts('value::bigint')} group by 1, 2
    union all
    select span || ' ' || dimension, null, ${SUMS} from usage_slice
     where dimension <> 'account' and account_id = 0 and $1::bigint[] is null group by 1)
  select coalesce(e.account_id, k.account_id) as account_id,
         case when coalesce(e.account_id, k.account_id) is null then 'statistics of all accounts'
              else 'statistics of account ' || coalesce(e.account_id, k.account_id) end as subject,
         'other than the hours: ' || string_agg(coalesce(e.name, k.name), ', ' order by coalesce(e.name, k.name)) as detail
    from expected e full join kept k on k.name = e.name and coalesce(k.account_id, 0) = coalesce(e.account_id, 0)
   where (${valuesOf('e')}) <> (${valuesOf('k')})
     and (select watermark = statistics_watermark from usage_rollup_state)
   group by 1)`;

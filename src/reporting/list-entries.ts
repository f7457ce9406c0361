import { invalidRequest } from '../common/hub-error.js';
import type { NanoCredits } from '../common/money.js';
import type { SqlSession } from '../database/sql.js';
import type { BoundValues } from './bound-values.js';
import { checkId, checkText } from './check-filter.js';
import { alongIndex, type Lead, type ListAnswer, type ListPage, readListPage, type Walk } from './list-page.js';

/** The kinds of movement in the ledger. */
export const ENTRY_KINDS = [
  'topup',
  'redeem',
  'grant',
  'adjust',
  'refund',
  'settle',
  'late',
  'loss',
  'expire',
] as const;
/** One of {@link ENTRY_KINDS}. */
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** Which entries are meant. */
export interface EntriesFilter {
  readonly kind?: EntryKind;
  /** Entries that give to or take from this account. */
  readonly accountId?: string;
  /** What they were posted for, whole: a request id without its prefix and with dashes, or a reference of the operator. */
  readonly ref?: string;
  /** When they were posted; the end is not included. */
  readonly from?: Date;
  readonly to?: Date;
}

/** One posted movement. Ids are decimal strings. */
export interface EntryRow {
  readonly id: string;
  readonly kind: EntryKind;
  /** The account that it takes from; 1 is the house, 2 takes losses. */
  readonly debitId: string;
  /** The account that it gives to. */
  readonly creditId: string;
  readonly amount: NanoCredits;
  readonly ref: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly createdAt: Date;
}

interface Row {
  id: string;
  kind: EntryKind;
  debit_id: string;
  credit_id: string;
  amount: string;
  ref: string;
  actor: string;
  reason: string | null;
  created_at: Date;
}

/** Kinds that only give to a customer. Of the others all but `adjust` and `loss` only take. */
const GIVING: ReadonlySet<EntryKind> = new Set(['topup', 'redeem', 'grant', 'refund']);
/**
 * Entries are dated in the order of their ids, but for those of the same moment: an id is drawn within a statement that takes
 * seconds at most.
 */
const DISORDER_MS = 60_000;

/**
 * Entries of the ledger in the order in which they were posted.
 *
 * @throws HubError 400 naming the field at fault.
 */
export async function listEntries(
  session: SqlSession,
  filter: EntriesFilter,
  page: ListPage,
): Promise<ListAnswer<EntryRow>> {
  checkId(filter.accountId, 'accountId');
  checkText(filter.ref, 'ref');
  if (filter.kind !== undefined && !ENTRY_KINDS.includes(filter.kind)) {
    throw invalidRequest(`"kind" must be one of ${ENTRY_KINDS.join(', ')}.`, 'kind');
  }
  const ids = {
    from: filter.from && (await firstIdAt(session, new Date(filter.from.getTime() - DISORDER_MS))),
    to: filter.to && (await firstIdAt(session, new Date(filter.to.getTime() + DISORDER_MS))),
  };
  const { rows, next } = await readListPage<Row>(
    session,
    {
      place: [{ column: 'id', type: 'bigint' }],
      range: ids,
      walk: (walk, values) => entryWalk(filter, walk, values),
      wanted: (values) => entriesWanted(filter, values),
      join: '',
      columns: 'e.id, kind, debit_id, credit_id, amount, ref, actor, reason, created_at',
    },
    page,
  );
  return { rows: rows.map(({ cursor, row }) => ({ cursor, row: toEntry(row) })), next };
}

/** The lowest id of the entries since a moment, one above all ids when there are none; by halving, so without an index of times. */
async function firstIdAt(session: SqlSession, moment: Date): Promise<string> {
  const [found] = await session.query<{ id: string }>(
    `with recursive search (low, high) as (
       select coalesce(min(id), 1), coalesce(max(id), 0) + 1 from entry
       union all
       select case when m.created_at < $1::timestamptz then m.id + 1 else s.low end,
              case when m.created_at < $1::timestamptz then s.high else (s.low + s.high) / 2 end
         from search s cross join lateral (
           select id, created_at from entry where id >= (s.low + s.high) / 2 order by id limit 1) m
        where s.low < s.high)
     select low as id from search where low >= high limit 1`,
    [moment],
  );
  if (found === undefined) throw new Error('The search of an entry by its time came to no end');
  return found.id;
}

function entryWalk(filter: EntriesFilter, walk: Walk, values: BoundValues): string {
  const parts = leadsOf(filter).map((lead) => {
    const { columns, values: bound, also } = lead(values);
    const { where, orderBy } = alongIndex({ columns, values: bound }, ['id'], 'bigint', walk, values);
    return `select * from entry where ${[...where, ...also].join(' and ')} order by ${orderBy} limit ${walk.limit}`;
  });
  const direction = walk.order === 'oldest' ? 'asc' : 'desc';
  return `select * from (${parts.map((part) => `(${part})`).join(' union all ')}) w order by id ${direction} limit ${walk.limit}`;
}

type EntryLead = (values: BoundValues) => Lead & { readonly also: readonly string[] };

/** What an index meets; two for an account, which stands on either side: one condition with "or" has no index. */
function leadsOf({ ref, accountId, kind }: EntriesFilter): EntryLead[] {
  if (ref !== undefined) {
    const kinds = kind === undefined ? ENTRY_KINDS : [kind];
    const is = (values: BoundValues): string =>
      `kind = any (${values.add([...kinds])}::text[]) and ref = ${values.add(ref)}`;
    return [(values) => ({ columns: [], values: [], also: [is(values)] })];
  }
  // The indexes by kind leave out settlements, which are nearly all there is.
  const rare = kind === 'settle' ? undefined : kind;
  const kindOf = (values: BoundValues) => ({
    columns: rare === undefined ? [] : ['kind'],
    values: rare === undefined ? [] : [`${values.add(rare)}::text`],
    also: [],
  });
  if (accountId === undefined) return [kindOf];
  return sidesOf(kind).map((side) => (values) => {
    const account = `${values.add(accountId)}::bigint`;
    const { columns, values: bound, also } = kindOf(values);
    return { columns: [side, ...columns], values: [account, ...bound], also };
  });
}

/** Where an account can stand in entries of a kind. */
function sidesOf(kind: EntryKind | undefined): readonly ('debit_id' | 'credit_id')[] {
  if (kind === undefined || kind === 'adjust' || kind === 'loss') return ['debit_id', 'credit_id'];
  return GIVING.has(kind) ? ['credit_id'] : ['debit_id'];
}

function entriesWanted({ ref, accountId, kind, from, to }: EntriesFilter, values: BoundValues): string[] {
  return [
    ...(from === undefined ? [] : [`e.created_at >= ${values.add(from)}::timestamptz`]),
    ...(to === undefined ? [] : [`e.created_at < ${values.add(to)}::timestamptz`]),
    ...(kind === 'settle' && ref === undefined ? [`e.kind = 'settle'`] : []),
    ...(ref !== undefined && accountId !== undefined
      ? [`(e.debit_id = ${values.add(accountId)}::bigint or e.credit_id = ${values.add(accountId)}::bigint)`]
      : []),
  ];
}

function toEntry(row: Row): EntryRow {
  return {
    id: row.id,
    kind: row.kind,
    debitId: row.debit_id,
    creditId: row.credit_id,
    amount: BigInt(row.amount),
    ref: row.ref,
    actor: row.actor,
    reason: row.reason,
    createdAt: row.created_at,
  };
}

import { invalidRequest } from '../common/hub-error.js';
import { decodeCursor, encodeCursor } from '../common/keyset-cursor.js';
import type { SqlSession } from '../database/sql.js';
import { BoundValues } from './bound-values.js';

/** Most rows of a page. */
export const LIST_PAGE_MAX = 100;
/**
 * Most rows that are looked at to fill one page. With filters that hardly any row meets, a page ends there with what it has, and
 * the next one goes on behind it: so every page is quick, whatever is filtered.
 */
const ROWS_LOOKED_AT_MAX = 1_000;

/** Which page of a list is wanted. */
export interface ListPage {
  /** Rows wanted, from 1 to {@link LIST_PAGE_MAX}. */
  readonly first: number;
  /** The cursor of a row, or the `next` of a page: the page begins behind it. */
  readonly after?: string;
  /** Default `newest`. */
  readonly order?: 'newest' | 'oldest';
}

/** A row and its place in the list. */
export interface Listed<Row> {
  readonly cursor: string;
  readonly row: Row;
}

/** One page of a list. */
export interface ListAnswer<Row> {
  readonly rows: readonly Listed<Row>[];
  /**
   * Where the next page begins; undefined at the end of the list. A page may have fewer rows than were wanted, even none, and yet
   * have a next one: as many rows were looked at as one page may look at.
   */
  readonly next: string | undefined;
}

/** A column that rows are in the order of. */
export interface PlaceColumn {
  readonly column: string;
  readonly type: 'uuid' | 'integer' | 'bigint';
}

/** One end of the rows of a walk. */
interface Bound {
  readonly value: string;
  readonly isIncluded: boolean;
}

/** How far a walk goes. */
export interface Walk {
  readonly order: 'newest' | 'oldest';
  /** The first column of the place lies between these. */
  readonly lower: Bound;
  readonly upper: Bound;
  /** One more condition, where a place has two columns: the page begins within rows of the same first one. */
  readonly behind: (values: BoundValues) => readonly string[];
  readonly limit: number;
}

/** A list: what is walked along, what is looked for, and what is shown. */
export interface List {
  /** One or two columns; together they belong to one row. */
  readonly place: readonly [PlaceColumn, PlaceColumn?];
  /** First column of the places that are meant at all: from, included, and to, not included. */
  readonly range: { readonly from: string | undefined; readonly to: string | undefined };
  /** Text of a query that gives at most `limit` rows in order, by an index, with the columns of the place and of `wanted`. */
  readonly walk: (walk: Walk, values: BoundValues) => string;
  /** Conditions on rows of the walk `e`, and of what is joined to it, that rows are looked at for. */
  readonly wanted: (values: BoundValues) => readonly string[];
  /** Joined to each row of the walk. */
  readonly join: string;
  readonly columns: string;
}

/**
 * Reads one page: at most two statements.
 *
 * @throws HubError 400 naming `first` or `after`.
 */
export async function readListPage<Row extends object>(
  session: SqlSession,
  list: List,
  page: ListPage,
): Promise<ListAnswer<Row>> {
  const { first } = page;
  if (!Number.isInteger(first) || first < 1 || first > LIST_PAGE_MAX) {
    throw invalidRequest(`"first" must be a whole number from 1 to ${LIST_PAGE_MAX}.`, 'first');
  }
  const place = list.place.filter((column) => column !== undefined);
  const order = page.order ?? 'newest';
  const values = new BoundValues();
  const isSearch = list.wanted(new BoundValues()).length > 0;
  const walk = walkOf(list, place, page, isSearch ? ROWS_LOOKED_AT_MAX : first + 1);
  const text = list.walk(walk, values);
  const places = place.map(({ column }, at) => `e.${column}::text as place${at}`).join(', ');
  const wanted = list.wanted(values);
  const rows = await session.query<Row & Record<string, unknown>>(
    `select ${places}, ${list.columns} from (${text}) e ${list.join}
      where ${isSearch ? wanted.join(' and ') : 'true'} order by ${orderOf('e.', place, order)} limit ${first + 1}`,
    values.all,
  );
  const listed = rows.map((row) => toListed<Row>(row, place.length));
  if (listed.length > first) return { rows: listed.slice(0, first), next: listed[first - 1]?.cursor };
  return { rows: listed, next: isSearch ? await endOf(session, list, walk) : undefined };
}

/** The last row that was looked at, when there may be more behind it. */
async function endOf(session: SqlSession, list: List, walk: Walk): Promise<string | undefined> {
  const values = new BoundValues();
  const place = list.place.filter((column) => column !== undefined);
  const columns = place.map(({ column }, at) => `${column}::text as place${at}`).join(', ');
  const text = list.walk(walk, values);
  const [end] = await session.query<Record<string, unknown>>(
    `select ${columns} from (${text}) e order by ${orderOf('', place, walk.order)} offset ${walk.limit - 1} limit 1`,
    values.all,
  );
  return end && cursorOf(end, place.length);
}

function walkOf(list: List, place: readonly PlaceColumn[], { after, order = 'newest' }: ListPage, limit: number): Walk {
  const type = list.place[0].type;
  const at =
    after === undefined
      ? []
      : decodeCursor(
          after,
          place.map((column) => PATTERNS[column.type]),
        );
  const [start] = at;
  // With a second column the page begins among the rows of the same first one.
  const cursor = start === undefined ? [] : [{ value: start, isIncluded: place.length > 1 }];
  const { from, to } = list.range;
  const lowers = [LOWEST[type], ...(from === undefined ? [] : [{ value: from, isIncluded: true }])];
  const uppers = [HIGHEST[type], ...(to === undefined ? [] : [{ value: to, isIncluded: false }])];
  const lower = tightest(type, 1, order === 'oldest' ? [...lowers, ...cursor] : lowers);
  const upper = tightest(type, -1, order === 'newest' ? [...uppers, ...cursor] : uppers);
  // A cursor outside of the range leaves out none of its rows, or all: as a second bound it would only be a worse one.
  const isBehind = at.length > 1 && cursor.some((bound) => bound === lower || bound === upper);
  return {
    order,
    lower,
    upper,
    behind: (values) => (isBehind ? [behindText(place, at, order, values)] : []),
    limit,
  };
}

const LOWEST = {
  uuid: { value: '0'.repeat(32), isIncluded: true },
  bigint: { value: '0', isIncluded: true },
  integer: { value: '0', isIncluded: true },
} as const;
const HIGHEST = {
  uuid: { value: 'f'.repeat(32), isIncluded: true },
  bigint: { value: String(2n ** 63n - 1n), isIncluded: true },
  integer: { value: String(2 ** 31 - 1), isIncluded: true },
} as const;

/** An index begins to be read at one bound only, so there must not be two. @param sign 1 for the highest, -1 for the lowest. */
function tightest(type: PlaceColumn['type'], sign: number, bounds: readonly Bound[]): Bound {
  const numberOf = ({ value }: Bound): bigint => BigInt(type === 'uuid' ? `0x${value.replaceAll('-', '')}` : value);
  return bounds.reduce((one, other) => {
    const difference = (numberOf(other) - numberOf(one)) * BigInt(sign);
    return difference > 0n || (difference === 0n && !other.isIncluded) ? other : one;
  });
}

function behindText(
  place: readonly PlaceColumn[],
  at: readonly string[],
  order: Walk['order'],
  values: BoundValues,
): string {
  const bound = place.map(({ type }, index) => `${values.add(at[index] ?? '')}::${type}`);
  return `(${place.map(({ column }) => column).join(', ')}) ${order === 'oldest' ? '>' : '<'} (${bound.join(', ')})`;
}

function orderOf(prefix: string, place: readonly PlaceColumn[], order: Walk['order']): string {
  return place.map(({ column }) => `${prefix}${column} ${order === 'oldest' ? 'asc' : 'desc'}`).join(', ');
}

/** What leads a walk: columns of an index before the one of the place, and their values. */
export interface Lead {
  readonly columns: readonly string[];
  /** As SQL, with their type. */
  readonly values: readonly string[];
}

/**
 * Conditions and order of a walk along one index.
 *
 * The first leading column is compared with an array of one value rather than by "=": with that, the order of the place alone
 * would be enough, and the planner might take the primary key and read past millions of rows of others to find some of, say, an
 * account that has none there. Bounds of all columns together would do so as well, but how many rows lie between them is
 * guessed as none, and then all of them are read and sorted.
 *
 * @param place columns of the place, the first of which has the type `type`.
 */
export function alongIndex(
  lead: Lead,
  place: readonly string[],
  type: PlaceColumn['type'],
  { lower, upper, order }: Walk,
  values: BoundValues,
): { readonly where: readonly string[]; readonly orderBy: string } {
  const first = place[0] ?? '';
  const leading = lead.columns.map((column, at) => {
    const value = lead.values[at] ?? '';
    return at === 0 ? `${column} = any (array[${value}])` : `${column} = ${value}`;
  });
  return {
    where: [
      ...leading,
      `${first} ${lower.isIncluded ? '>=' : '>'} ${values.add(lower.value)}::${type}`,
      `${first} ${upper.isIncluded ? '<=' : '<'} ${values.add(upper.value)}::${type}`,
    ],
    orderBy: [...lead.columns, ...place].map((column) => `${column} ${order === 'oldest' ? 'asc' : 'desc'}`).join(', '),
  };
}

const PATTERNS: Readonly<Record<PlaceColumn['type'], RegExp>> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  integer: /^\d{1,9}$/,
  bigint: /^\d{1,18}$/,
};

function toListed<Row extends object>(row: Row & Record<string, unknown>, places: number): Listed<Row> {
  return { cursor: cursorOf(row, places), row };
}

function cursorOf(row: Readonly<Record<string, unknown>>, places: number): string {
  return encodeCursor(Array.from({ length: places }, (_, at) => String(row[`place${at}`])));
}

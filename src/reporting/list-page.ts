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
const ROWS_LOOKED_AT_MAX = 3_000;

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

/** How far a walk goes. */
export interface Walk {
  /** A condition for rows behind the page before; `true` on the first one. */
  readonly behind: (values: BoundValues) => string;
  readonly orderBy: string;
  readonly limit: number;
}

/** A list: what is walked along, what is looked for, and what is shown. */
export interface List {
  /** One or two columns; together they belong to one row. */
  readonly place: readonly [PlaceColumn, PlaceColumn?];
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
  const orderBy = place.map(({ column }) => `${column} ${page.order === 'oldest' ? 'asc' : 'desc'}`).join(', ');
  const behind = behindOf(place, page);
  const values = new BoundValues();
  const isSearch = list.wanted(new BoundValues()).length > 0;
  const limit = isSearch ? ROWS_LOOKED_AT_MAX : first + 1;
  const walk = list.walk({ behind, orderBy, limit }, values);
  const places = place.map(({ column }, at) => `e.${column}::text as place${at}`).join(', ');
  const wanted = list.wanted(values);
  const rows = await session.query<Row & Record<string, unknown>>(
    `select ${places}, ${list.columns} from (${walk}) e ${list.join}
      where ${isSearch ? wanted.join(' and ') : 'true'}
      order by ${place.map(({ column }) => `e.${column} ${page.order === 'oldest' ? 'asc' : 'desc'}`).join(', ')}
      limit ${first + 1}`,
    values.all,
  );
  const listed = rows.map((row) => toListed<Row>(row, place.length));
  if (listed.length > first) return { rows: listed.slice(0, first), next: listed[first - 1]?.cursor };
  return { rows: listed, next: isSearch ? await endOf(session, list, { behind, orderBy, limit }) : undefined };
}

/** The last row that was looked at, when there may be more behind it. */
async function endOf(session: SqlSession, list: List, walk: Walk): Promise<string | undefined> {
  const values = new BoundValues();
  const place = list.place.filter((column) => column !== undefined);
  const columns = place.map(({ column }, at) => `${column}::text as place${at}`).join(', ');
  const text = list.walk(walk, values);
  const [end] = await session.query<Record<string, unknown>>(
    `select ${columns} from (${text}) e order by ${walk.orderBy} offset ${walk.limit - 1} limit 1`,
    values.all,
  );
  return end && cursorOf(end, place.length);
}

function behindOf(place: readonly PlaceColumn[], { after, order }: ListPage): Walk['behind'] {
  if (after === undefined) return () => 'true';
  const at = decodeCursor(
    after,
    place.map(({ type }) => PATTERNS[type]),
  );
  const sign = order === 'oldest' ? '>' : '<';
  return (values) => {
    const bound = place.map(({ type }, index) => `${values.add(at[index] ?? '')}::${type}`);
    const columns = place.map(({ column }) => column);
    // Of two columns an index of the first one can use only the first condition.
    const start = place.length > 1 ? `${columns[0]} ${sign}= ${bound[0]} and ` : '';
    return `${start}(${columns.join(', ')}) ${sign} (${bound.join(', ')})`;
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

import type { ListAnswer, ListPage } from '../../reporting/list-page.js';
import type { Page, PageArgs } from '../graphql/connection.js';
import type { TimeOrder } from './time-order.enum.js';

/** The page that a list of the reports is asked for. The list itself checks the size and the cursor. */
export function toListPage({ first, after }: PageArgs, order: TimeOrder | null | undefined): ListPage {
  return { first, after: after ?? undefined, order: order ?? 'newest' };
}

/**
 * A page as the schema shows it. A page may end before it is full and yet have a next one; its `endCursor` is where that begins.
 *
 * @param args what the page was asked for with.
 */
export function toConnection<Row, Node>(
  { after }: PageArgs,
  { rows, next }: ListAnswer<Row>,
  toNode: (row: Row) => Node,
): Page<Node> {
  const edges = rows.map(({ cursor, row }) => ({ cursor, node: toNode(row) }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: next !== undefined,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: next ?? edges.at(-1)?.cursor ?? null,
    },
  };
}

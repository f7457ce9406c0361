import type { Type } from '@nestjs/common';
import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { invalidRequest } from '../../common/hub-error.js';
import { decodeCursor, encodeCursor } from '../../common/keyset-cursor.js';
import { Allow } from './allow.decorator.js';

/** The most rows of one page. */
export const PAGE_MAX = 100;
const PAGE_STANDARD = 20;

/** Which page of a list is wanted. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    defaultValue: PAGE_STANDARD,
    description: `How many rows, from 1 to ${PAGE_MAX}.`,
  })
  first: number = PAGE_STANDARD;

  @Field(() => String, {
    nullable: true,
    description: 'The `endCursor` of the page before; without it the first page.',
  })
  after?: string | null;
}

/** Where a page ends. */
@ObjectType({ description: 'Where a page begins and ends (Relay cursor connections).' })
@Allow('anybody')
export class PageInfo {
  @Field(() => Boolean, { description: 'There are rows after this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'There are rows before this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first row.' })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last row; give it as `after` to get the next page.',
  })
  endCursor!: string | null;
}

/** One page of a list. */
export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: PageInfo;
}

/**
 * Makes the connection type of a node type: `class ApiKeyConnection extends Connection(ApiKeyNode, 'ApiKey') {}` with
 * `@ObjectType()` and `@Allow(...)`.
 *
 * @param name of the node in the schema; the edge is called `<name>Edge`.
 */
export function Connection<Node extends object>(node: Type<Node>, name: string): Type<Page<Node>> {
  @ObjectType(`${name}Edge`, { description: `One row of a list of ${name}.` })
  @Allow('anybody')
  class Edge {
    @Field(() => String, { description: 'Where this row stands in the list.' })
    cursor!: string;

    @Field(() => node, { description: 'The row.' })
    node!: Node;
  }

  @ObjectType({ isAbstract: true })
  @Allow('anybody')
  class AbstractConnection implements Page<Node> {
    @Field(() => [Edge], { description: 'The rows with their cursors.' })
    edges!: Edge[];

    @Field(() => [node], { description: 'The rows.' })
    nodes!: Node[];

    @Field(() => PageInfo, { description: 'Where the page begins and ends.' })
    pageInfo!: PageInfo;
  }
  return AbstractConnection;
}

/** What SQL needs to read a page: one row more than asked for tells whether there is a next page. */
export interface PageRequest {
  /** How many rows to read. */
  readonly limit: number;
  /** The sort values of the last row before this page; undefined for the first page. */
  readonly after: readonly string[] | undefined;
}

/**
 * Checks the arguments of a page.
 *
 * @param patterns what each sort value of the list looks like.
 * @throws HubError 400 naming `first` or `after`.
 */
export function readPage({ first, after }: PageArgs, patterns: readonly RegExp[]): PageRequest {
  if (!Number.isInteger(first) || first < 1 || first > PAGE_MAX) {
    throw invalidRequest(`"first" must be a whole number from 1 to ${PAGE_MAX}.`, 'first');
  }
  return { limit: first + 1, after: after == null ? undefined : decodeCursor(after, patterns) };
}

/**
 * Makes the page of rows that were read with {@link readPage}.
 *
 * @param rows at most `limit`.
 * @param cursorOf the sort values of a row.
 */
export function toPage<Row, Node>(
  { limit, after }: PageRequest,
  rows: readonly Row[],
  cursorOf: (row: Row) => readonly string[],
  toNode: (row: Row) => Node,
): Page<Node> {
  const shown = rows.slice(0, limit - 1);
  const edges = shown.map((row) => ({ cursor: encodeCursor(cursorOf(row)), node: toNode(row) }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: rows.length > shown.length,
      hasPreviousPage: after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

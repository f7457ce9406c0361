import { describe, expect, it } from '@jest/globals';
import { buildSchema, type GraphQLObjectType, getOperationAST, parse } from 'graphql';
import { checkSize } from './limits.js';
import { measureOperation, type OperationSize } from './measure-operation.js';
import { SHORT_LIST_EXTENSION } from './short-list.decorator.js';

const SCHEMA = buildSchema(`
  type Query { me: Person! people(first: Int = 20): PersonConnection! node: Node tags: [String!]! friends: [Person!]! }
  interface Node { id: ID! }
  type Person implements Node { id: ID! name: String! friends: [Person!]! parents: [Person!]! keys(first: Int = 20): PersonConnection! best: Person! }
  type PersonConnection { nodes: [Person!]! edges: [PersonEdge!]! pageInfo: PageInfo! }
  type PersonEdge { node: Person! cursor: String! }
  type PageInfo { hasNextPage: Boolean! }
`);
Object.assign((SCHEMA.getType('Person') as GraphQLObjectType).getFields()['parents']!.extensions, {
  [SHORT_LIST_EXTENSION]: true,
});

function measure(query: string, variables: Record<string, unknown> = {}): OperationSize {
  const document = parse(query);
  return measureOperation(SCHEMA, document, getOperationAST(document)!, variables);
}

/** `{ me { best { best { ... id } } } }`, so many fields deep. */
const deep = (depth: number): string => `{ me { ${'best { '.repeat(depth - 2)}id${' }'.repeat(depth - 2)} } }`;

describe('the size of an operation', () => {
  it.each([
    ['{ me { id name } }', { depth: 2, cost: 1 }],
    ['{ tags }', { depth: 1, cost: 0 }],
    // 20 rows, each with its node; the connection and its page info are read once per row of the list above.
    ['{ people { nodes { id } } }', { cost: 20 * (1 + 1) }],
    ['{ people(first: 100) { nodes { id } } }', { cost: 100 * (1 + 1) }],
    ['{ friends { friends { id } } }', { cost: 10 * (1 + 10) }],
    ['{ me { parents { parents { id } } } }', { cost: 1 + 2 * (1 + 2) }],
    ['{ people(first: 100) { nodes { keys(first: 100) { nodes { id } } } } }', { cost: 100 * (1 + 1 + 100 * (1 + 1)) }],
    ['{ a: me { id } b: me { x: id } }', { aliases: 3, rootFields: 2 }],
    ['{ me { id @skip(if: false) } tags @include(if: true) }', { directives: 2 }],
    ['{ __schema { types { fields { type { ofType { ofType { name } } } } } } }', { isIntrospection: true, depth: 0 }],
    ['fragment F on Query { __type(name: "Person") { name } } { ...F }', { isIntrospection: true }],
  ])('of %s', (query, size) => {
    expect(measure(query)).toMatchObject(size);
  });

  it('counts the size of a page that a variable gives', () => {
    const query = 'query ($n: Int) { people(first: $n) { nodes { id } } }';
    expect(measure(query, { n: 90 }).cost).toBe(180);
    // A page of less than nothing must not lower the cost of the rest.
    expect(measure(query, { n: -1_000_000 }).cost).toBe(2);
  });

  it('counts the size of a page that a variable has by default', () => {
    const query = 'query ($n: Int = 90) { people(first: $n) { nodes { id } } }';
    expect(measure(query).cost).toBe(180);
    expect(measure(query, { n: 10 }).cost).toBe(20);
  });

  it('counts what fragments hold, wherever they are spread', () => {
    const fragments = 'fragment A on Person { friends { ...B } } fragment B on Person { best { id } }';
    expect(measure(`${fragments} { me { ...A } }`)).toMatchObject({ depth: 4, cost: 1 + 10 * (1 + 1) });
  });

  // Written out, the top of this one has 2^60 fields.
  it('measures fragments of the top that double sixty times over in no time', () => {
    const levels = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`);
    const size = measure(`${levels.join('\n')} fragment F60 on Query { tags a: tags } { ...F0 ...F0 }`);
    expect(size.rootFields).toBe(2);
  });

  // Written out, this one has 2^60 fields.
  it('measures fragments that double thirty times over in no time', () => {
    const levels = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Person { a: best { ...F${i + 1} } b: best { ...F${i + 1} } }`,
    );
    const size = measure(`${levels.join('\n')} fragment F60 on Person { id } { me { ...F0 } }`);
    expect(size.cost).toBeGreaterThan(2 ** 59);
    expect(() => checkSize(size)).toThrow(/depth/);
  });
});

describe('the limits of an operation', () => {
  it.each([
    ['depth', deep(50)],
    ['cost', '{ people(first: 100) { nodes { keys(first: 100) { nodes { keys(first: 5) { nodes { id } } } } } } }'],
    ['aliases', `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: tags`).join(' ')} }`],
    ['directives', `{ tags ${'@skip(if: false) '.repeat(31)} }`],
    ['fields at the top', `{ ${'tags '.repeat(21)} }`],
  ])('name the %s', (what, query) => {
    expect(() => checkSize(measure(query))).toThrow(new RegExp(what));
  });

  it('let pages of an ordinary size through', () => {
    for (const query of [deep(12), '{ people(first: 100) { nodes { keys(first: 20) { nodes { id } } } } }']) {
      expect(() => checkSize(measure(query))).not.toThrow();
    }
  });
});

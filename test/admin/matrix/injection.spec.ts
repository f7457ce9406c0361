import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getNamedType, isObjectType } from 'graphql';
import { run } from './asking.js';
import { sampleOf } from './samples.js';
import { type InputPath, inputPaths, leastSelection, type RootField, rootFields, withValue } from './schema-walk.js';
import { type Caller, World } from './world.js';

// Whatever text is given at whatever place, it is taken literally or refused by name (T123).

const CORPUS = {
  SQL: `'); drop table account; -- " $1 \\`,
  'wildcards of LIKE': '%_\\'.repeat(1_000),
  'one wildcard': '%',
  'a document of operators': { $gt: '' },
  NUL: 'a\0b',
  'half a character': 'a\ud800b',
  '10 KB': 'x'.repeat(10_240),
  'a number beyond bigint': '99999999999999999999',
} as const;
/** What only the inside of the hub would say. */
const INSIDE = /syntax error|invalid byte|relation "|operator does not|out of range for|\bselect\b.*\bfrom\b/i;
/** Places whose types hold text that reaches the code of the hub; dates, enums and numbers are checked by GraphQL. */
const TEXTS = ['String', 'ID', 'Json'];

/** Whether a text of the corpus can mean something at a place. */
function isOfUse(what: string, { path, type }: InputPath): boolean {
  if (what === 'one wildcard') return isFilter(path);
  if (what === 'a number beyond bigint') return type === 'ID';
  return true;
}

function isFilter([first]: readonly string[]): boolean {
  return first === 'filter' || first === 'search';
}

let world: World;
let owner: Caller;
beforeAll(async () => {
  world = await World.start();
  owner = await world.person('owner');
}, 120_000);
afterAll(() => world.close());

const selectionOf = (root: RootField): string => {
  const type = getNamedType(root.field.type);
  return isObjectType(type) && 'nodes' in type.getFields() ? '{ nodes { __typename } }' : leastSelection(root);
};

describe('every text of every operation', () => {
  it.each(['query', 'mutation', 'subscription'])(
    'of a %s is literal or refused, whatever it is',
    async (kind) => {
      const wrong: string[] = [];
      let tried = 0;
      for (const root of rootFields(world.schema).filter((each) => each.kind === kind)) {
        for (const place of inputPaths(root).filter(({ type }) => TEXTS.includes(type))) {
          const { path, isList } = place;
          let sample = await sampleOf(root, world, owner);
          for (const [what, text] of Object.entries(CORPUS)) {
            if (!isOfUse(what, place)) continue;
            const variables = withValue(sample.variables, path, isList ? [text] : text);
            const answer = await run(world, root, owner, { ...sample, variables }, selectionOf(root));
            // What was done cannot be done again.
            if (kind === 'mutation' && answer.code === undefined) sample = await sampleOf(root, world, owner);
            const name = `${root.path}.${path.join('.')} with ${what}`;
            tried += 1;
            const status = answer.body.errors?.[0]?.extensions['status'] ?? 400;
            if (answer.code === 'internal_error' || Number(status) >= 500) wrong.push(`${name}: ${answer.text}`);
            if (INSIDE.test(answer.text) && what !== 'SQL') wrong.push(`${name} shows ${answer.text.slice(0, 300)}`);
            // Nothing has such a name, so what is literal finds nothing.
            const [found] = Object.values((answer.body.data ?? {}) as Record<string, { nodes?: unknown[] } | null>);
            if (isFilter(path) && (found?.nodes?.length ?? 0) > 0)
              wrong.push(`${name} finds ${found?.nodes?.length} rows`);
          }
        }
      }
      expect(wrong).toEqual([]);
      if (kind !== 'subscription') expect(tried).toBeGreaterThan(100);
      const [row] = await world.sql.query<{ count: number }>('select count(*)::int as count from account');
      expect(row?.count).toBeGreaterThan(2);
    },
    180_000,
  );
});

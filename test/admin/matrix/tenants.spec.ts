import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getNamedType, isObjectType } from 'graphql';
import { PERMISSIONS, reachOf } from '../../../src/users/permission.js';
import { insertEvents } from '../../support/usage-events.js';
import { type Asked, run } from './asking.js';
import { sampleOf } from './samples.js';
import { inputPaths, isIdPath, leastSelection, type RootField, rootFields, valueAt, withValue } from './schema-walk.js';
import { tableHashes } from './table-hashes.js';
import { type Caller, mayUse, newHex, World } from './world.js';

// What belongs to one customer does not exist for another, whatever id is given (G13).

/** Ids of what the hub offers to all customers alike. */
const COMMON = ['Query.model.id'];

let world: World;
let victim: Caller;
let stranger: Caller;
let strangerToken: Caller;
beforeAll(async () => {
  world = await World.start();
  victim = await world.person('member', world.accountId);
  stranger = await world.person('member', world.otherAccountId);
  const own = PERMISSIONS.filter((permission) => reachOf('member', permission) !== undefined);
  strangerToken = await world.withToken(await world.person('member', world.otherAccountId), own);
}, 120_000);
afterAll(() => world.close());

/** Something of the victim for each name of an id. */
async function foreignId(name: string): Promise<string> {
  switch (name) {
    case 'accountId':
      return world.accountId;
    case 'keyId': {
      const key = await world.apiKey(world.accountId);
      await insertEvents(world.sql, [{ account_id: world.accountId, key_id: key }]);
      return key;
    }
    case 'userId':
      return victim.userId;
    case 'requestId':
      return world.request(world.accountId);
    case 'jobId':
      return world.job(world.accountId, 'succeeded');
    case 'groupId':
      return world.group();
    case 'channelId':
      return world.channel();
    case 'modelId':
      return world.model();
    default:
      throw new Error(`Nothing of another account is known for an id named ${name}: add it here`);
  }
}

/** An id of the same form that nothing has. */
function unknownLike(id: string): string {
  if (/^(job|req)_/.test(id)) return `${id.slice(0, 4)}${newHex()}`;
  return /^\d+$/.test(id) ? '987654321' : `unknown-${newHex()}`;
}

const selectionOf = (root: RootField): string => {
  const type = getNamedType(root.field.type);
  if (type.name === 'Usage') return '{ totals { figures { requests } } }';
  return isObjectType(type) && 'nodes' in type.getFields() ? '{ nodes { __typename } }' : leastSelection(root);
};

/** A list or a report. */
interface Found {
  readonly nodes?: unknown[];
  readonly totals?: { readonly figures: { readonly requests: number } };
}

/** What a stranger learns from an answer, without the id that was asked for. */
function learnt({ code, body }: Asked, id: string): unknown {
  if (code !== undefined) return [code, body.errors?.[0]?.message.replaceAll(id, 'ID')];
  const [answer] = Object.values((body.data ?? {}) as Record<string, Found | null>);
  return answer?.nodes?.length === 0 || answer?.totals?.figures.requests === 0 ? 'an empty list' : JSON.stringify(body);
}

describe('what belongs to another account', () => {
  it.each(['session', 'admin token'])(
    'does not exist for a member with a %s, by every id of every operation',
    async (kind) => {
      const caller = kind === 'session' ? stranger : strangerToken;
      const calls = [];
      for (const root of rootFields(world.schema).filter(({ permission }) => mayUse(caller, permission))) {
        for (const { path, isList } of inputPaths(root).filter(isIdPath)) {
          const place = `${root.path}.${path.join('.')}`;
          if (COMMON.includes(place)) continue;
          const theirs = valueAt((await sampleOf(root, world, victim)).variables, path);
          const id = typeof theirs === 'string' ? theirs : await foreignId(path.at(-1) ?? '');
          const own = await sampleOf(root, world, caller);
          const asked = (value: string) => ({
            ...own,
            variables: withValue(own.variables, path, isList ? [value] : value),
          });
          const nobodys = unknownLike(id);
          calls.push({ root, place, id, foreign: asked(id), nobodys, unknown: asked(nobodys) });
        }
      }
      expect(calls.length).toBeGreaterThan(20);
      await world.untilQuiet();
      const before = await tableHashes(world.sql);
      const wrong: string[] = [];
      for (const { root, place, id, foreign, nobodys, unknown } of calls) {
        const answer = await run(world, root, caller, foreign, selectionOf(root));
        const other = await run(world, root, caller, unknown, selectionOf(root));
        const isUnseen =
          ['not_found', 'forbidden'].includes(String(answer.code)) || learnt(answer, id) === 'an empty list';
        if (!isUnseen) wrong.push(`${place}: ${answer.text}`);
        const [seen, expected] = [learnt(answer, id), learnt(other, nobodys)].map((each) => JSON.stringify(each));
        if (seen !== expected) wrong.push(`${place} tells ${seen} from ${expected}`);
      }
      expect(wrong).toEqual([]);
      expect(await tableHashes(world.sql)).toEqual(before);
    },
    120_000,
  );
});

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly properties?: object } }>>;
  };
}

/** Names of parameters that are ids of a customer's things. Models are everybody's. */
const ID_NAMES = /^(id|jobId|key_id|request_id|after)$/;
const OPEN_TO_ALL = ['/api/relay/v1/models/{id}'];

describe('the REST API', () => {
  it('has nothing of another account, by every id of every operation in its document', async () => {
    const document = (await (await world.hub.fetch('/api/openapi.json')).json()) as {
      paths: Record<string, Record<string, Operation>>;
    };
    const { key } = await world.hub.createKey({ accountId: world.otherAccountId });
    const ids: Readonly<Record<string, string>> = {
      id: (await world.job(world.accountId, 'succeeded')).replace(/^job_/, 'job_'),
      jobId: await world.job(world.accountId, 'succeeded'),
      key_id: await world.apiKey(world.accountId),
      request_id: await world.request(world.accountId),
    };
    const calls = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, operation]) =>
        idsOf(operation).map((place) => ({ path, method, ...place })),
      ),
    );
    await world.untilQuiet();
    const before = await tableHashes(world.sql);
    const wrong: string[] = [];
    for (const { path, method, name, where } of calls) {
      if (OPEN_TO_ALL.includes(path) || name === 'after') continue;
      const id = ids[name];
      if (id === undefined) throw new Error(`Nothing of another account is known for ${name}`);
      const url = `${path.replace(`{${name}}`, id)}${where === 'query' ? `?${name}=${id}` : ''}`;
      const body = where === 'body' ? { body: JSON.stringify({ [name]: id }) } : {};
      const headers = where === 'body' ? { 'content-type': 'application/json' } : undefined;
      const answer = await world.hub.fetch(url, { method: method.toUpperCase(), key, headers, ...body });
      const text = await answer.text();
      if (answer.status !== 404 && !isEmpty(text)) wrong.push(`${method} ${url}: ${answer.status} ${text}`);
    }
    expect(calls.length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
    expect(await tableHashes(world.sql)).toEqual(before);
  });
});

function idsOf({ parameters = [], requestBody }: Operation): { name: string; where: string }[] {
  const given = parameters.map(({ name, in: where }) => ({ name, where }));
  const properties = requestBody?.content['application/json']?.schema.properties ?? {};
  const inBody = Object.keys(properties).map((name) => ({ name, where: 'body' }));
  return [...given, ...inBody].filter(({ name }) => ID_NAMES.test(name));
}

/** A report or list without anything in it. */
function isEmpty(text: string): boolean {
  const { data } = JSON.parse(text) as { data?: { items?: unknown[]; totals?: { requests?: number } } };
  return data?.items?.length === 0 || data?.totals?.requests === 0;
}

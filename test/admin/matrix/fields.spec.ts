import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PERMISSIONS, type Permission } from '../../../src/users/permission.js';
import { outcomeOf, run } from './asking.js';
import { closedFields, selectionTo } from './reach.js';
import { type Sample, sampleOf } from './samples.js';
import { type RootField, rootFields } from './schema-walk.js';
import { tableHashes } from './table-hashes.js';
import { type Caller, mayUse, ROLES, World } from './world.js';

// Fields below the top, and personal admin tokens with one permission each (T122).

/** Reachable on paper only, each for a reason. */
const NEVER_THERE: Readonly<Record<string, string>> = {};

let world: World;
beforeAll(async () => {
  world = await World.start();
  // What the answers of lists must hold for their fields to be asked.
  await world.served();
  await world.apiKey(world.accountId);
  await world.job(world.accountId, 'succeeded');
  await world.sql.query(
    `insert into job_attempt (job_id, number, channel_id, provider, model, upstream_model, outcome)
     select id, 1, 1, 'sandbox', 'm', 'm', 'accepted' from job`,
  );
}, 120_000);
afterAll(() => world.close());

describe('every field below the top', () => {
  it.each(ROLES)(
    'that a %s may not see is forbidden, on whatever way it is reached',
    async (role) => {
      const caller = await world.person(role);
      const roots = rootFields(world.schema)
        .filter(({ permission, kind }) => mayUse(caller, permission) && kind !== 'subscription')
        // Queries first: they are the usual way, and change nothing.
        .sort((a, b) => Number(a.kind === 'mutation') - Number(b.kind === 'mutation'));
      const samples = new Map<string, Sample>();
      const sampleFor = async (root: RootField): Promise<Sample> => {
        const known = samples.get(root.path);
        const sample = known ?? (await sampleOf(root, world, caller));
        if (root.kind === 'query') samples.set(root.path, sample);
        return sample;
      };
      const open: string[] = [];
      for (const closed of closedFields(world.schema, caller)) {
        const ways = roots.flatMap((root) => {
          const selection = selectionTo(world.schema, caller, root, closed);
          return selection === undefined ? [] : [{ root, selection }];
        });
        let isForbidden = ways.length === 0;
        const tried: string[] = [];
        for (const { root, selection } of ways) {
          const answer = await run(world, root, caller, await sampleFor(root), selection);
          isForbidden = answer.code === 'forbidden';
          tried.push(`${root.path} ${selection} ${answer.text.slice(0, 200)}`);
          if (isForbidden) break;
        }
        if (!isForbidden && NEVER_THERE[closed.path] === undefined)
          open.push(`${closed.path}: ${tried.slice(0, 3).join('; ')}`);
      }
      expect(open).toEqual([]);
    },
    120_000,
  );
});

describe('a personal admin token', () => {
  it('of one permission is enough for the operations of that permission; all others together are not', async () => {
    // Two people, since each has 50 tokens at most.
    const tokens = { only: await world.person('owner'), others: await world.person('owner') };
    const roots = rootFields(world.schema);
    const wrong: string[] = [];
    const refusals = [];
    for (const root of roots) {
      const { permission } = root;
      if (permission === 'anybody') continue;
      const only = await tokenOf(tokens.only, [permission]);
      const answer = await run(world, root, only, await sampleOf(root, world, only));
      if (outcomeOf(answer) !== 'allowed') wrong.push(`"${permission}" may not use ${root.path}: ${answer.text}`);
      if (answer.code === 'internal_error') wrong.push(`${root.path}: ${answer.text}`);
      const others = await tokenOf(
        tokens.others,
        PERMISSIONS.filter((each) => each !== permission),
      );
      refusals.push({ root, others, sample: await sampleOf(root, world, others) });
    }
    await world.untilQuiet();
    const before = await tableHashes(world.sql);
    for (const { root, others, sample } of refusals) {
      const answer = await run(world, root, others, sample);
      if (answer.code !== 'forbidden') wrong.push(`${root.path} without its permission: ${answer.text}`);
    }
    expect(wrong).toEqual([]);
    expect(await tableHashes(world.sql)).toEqual(before);
  }, 120_000);

  it('has at most the permissions of its person, whatever it names', async () => {
    const viewer = await world.person('viewer');
    const { token } = await world.adminToken(viewer, ['keys:read']);
    await world.sql.query(`update admin_token set permissions = $2 where user_id = $1`, [
      viewer.userId,
      [...PERMISSIONS],
    ]);
    const caller = { ...viewer, token };
    for (const root of rootFields(world.schema).filter(({ permission }) => !mayUse(viewer, permission))) {
      const answer = await run(world, root, caller, { variables: (await sampleOf(root, world, viewer)).variables });
      expect(`${root.path} ${answer.code}`).toBe(`${root.path} forbidden`);
    }
  }, 120_000);
});

const made = new Map<string, Promise<Caller>>();

/** A person with a token of these permissions, made once. */
function tokenOf(person: Caller, permissions: readonly Permission[]): Promise<Caller> {
  const name = `${person.userId} ${permissions.join()}`;
  const token = made.get(name) ?? world.withToken(person, permissions);
  made.set(name, token);
  return token;
}

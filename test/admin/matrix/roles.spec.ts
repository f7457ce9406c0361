import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outcomeOf, run } from './asking.js';
import { hasSample, sampleOf } from './samples.js';
import { rootFields } from './schema-walk.js';
import { tableHashes } from './table-hashes.js';
import { type Caller, mayUse, ROLES, VISITOR, World } from './world.js';

// Every operation, tried by everybody: the outcome is what src/users/permission.ts says (T122).

let world: World;
const callers: Caller[] = [VISITOR];
beforeAll(async () => {
  world = await World.start();
  for (const role of ROLES) callers.push(await world.person(role));
}, 120_000);
afterAll(() => world.close());

describe('every operation of the admin API', () => {
  it('has a sample, by which it is tried', () => {
    expect(
      rootFields(world.schema)
        .filter((root) => !hasSample(root))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it.each([...ROLES, 'visitor' as const])(
    'is open to a %s exactly as the policy says, and else leaves no trace',
    async (role) => {
      const caller = callers.find((each) => each.role === role)!;
      const roots = rootFields(world.schema);
      const wrong: string[] = [];
      const refusals = [];
      for (const root of roots) {
        const sample = await sampleOf(root, world, caller);
        if (!mayUse(caller, root.permission)) {
          refusals.push({ root, sample });
          continue;
        }
        const answer = await run(world, root, caller, sample);
        const isSound = outcomeOf(answer) === 'allowed' && answer.code !== 'internal_error';
        if (!isSound) wrong.push(`${root.path}: ${answer.text}`);
        if (role === 'owner' && answer.code !== undefined)
          wrong.push(`the sample of ${root.path} fails: ${answer.text}`);
      }
      await world.untilQuiet();
      const before = await tableHashes(world.sql);
      for (const { root, sample } of refusals) {
        const answer = await run(world, root, caller, sample);
        const expected = role === 'visitor' ? 'sign_in_needed' : 'forbidden';
        if (answer.code !== expected) wrong.push(`${root.path} is ${answer.code}, not ${expected}`);
      }
      expect(wrong).toEqual([]);
      expect(await tableHashes(world.sql)).toEqual(before);
    },
    120_000,
  );
});

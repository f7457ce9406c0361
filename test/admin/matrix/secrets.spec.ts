import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getNamedType } from 'graphql';
import { listPolicies } from '../../../src/admin/graphql/guard-schema.js';
import { run } from './asking.js';
import { secretsIn, secretsOf } from './checks.js';
import { sampleOf } from './samples.js';
import { fullSelection, rootFields } from './schema-walk.js';
import { type Caller, World } from './world.js';

// An owner who asks for everything there is sees no secret, but for the answer that makes one (T158).

let world: World;
let owner: Caller;
beforeAll(async () => {
  world = await World.start();
  owner = await world.person('owner');
  await world.secondFactor(owner);
}, 120_000);
afterAll(() => world.close());

describe('all that an owner can ask for', () => {
  it('is every field of the schema, and holds no secret; nor does the log', async () => {
    const seen = new Set<string>();
    const answers: { path: string; text: string; own: readonly string[] }[] = [];
    // Mutations first, so that what they have made is there to be shown.
    const kinds = ['mutation', 'query'];
    const roots = rootFields(world.schema).sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
    for (const root of roots) {
      seen.add(root.path);
      const selection = fullSelection(world.schema, getNamedType(root.field.type), seen);
      const sample = await sampleOf(root, world, owner);
      const answer = await run(world, root, owner, sample, selection);
      expect(`${root.path} ${answer.code}`).toBe(`${root.path} undefined`);
      const own = secretsOf(answer);
      for (const secret of own) world.secrets.add(secret);
      answers.push({ path: root.path, text: answer.text, own });
    }
    const all = listPolicies(world.schema).map(({ field }) => field);
    expect(all.filter((field) => !seen.has(field))).toEqual([]);

    for (const { path, text, own } of answers) {
      const others = [...world.secrets].filter((secret) => !own.includes(secret));
      const found = secretsIn(text, others);
      expect(`${path} shows ${found.join()}`).toBe(`${path} shows `);
    }
    expect(world.secrets.size).toBeGreaterThan(50);
    expect(secretsIn(world.hub.logText(), world.secrets)).toEqual([]);
    const [audit] = await world.sql.query<{ text: string }>(
      `select coalesce(string_agg(to_jsonb(a)::text, ' '), '') as text from audit_log a`,
    );
    expect(secretsIn(audit?.text ?? '', world.secrets)).toEqual([]);
  }, 120_000);

  it('that fails holds none of the secrets that were given', async () => {
    for (const root of rootFields(world.schema).filter(({ kind }) => kind === 'mutation')) {
      const sample = await sampleOf(root, world, owner);
      await run(world, root, owner, sample);
      // Again: most can be done once only.
      const answer = await run(world, root, owner, sample);
      if (answer.code === undefined) continue;
      const found = secretsIn(answer.text, world.secrets);
      expect(`${root.path} shows ${found.join()}`).toBe(`${root.path} shows `);
    }
    expect(secretsIn(world.hub.logText(), world.secrets)).toEqual([]);
  }, 120_000);
});

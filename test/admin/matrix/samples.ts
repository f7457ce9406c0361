import { isRequiredArgument } from 'graphql';
import type { RootField, Variables } from './schema-walk.js';
import { type Caller, PASSWORD, SIGNS_CALLBACKS, tomorrow, type World } from './world.js';

/** What a root field is called with, and by whom if not by the caller: some things end a session, or can be done once. */
export interface Sample {
  readonly variables: Variables;
  readonly as?: Caller;
}

type MakeSample = (world: World, caller: Caller) => Promise<Sample>;

const CREATED = { reason: 'A sample of the matrix.' } as const;

/** One call that succeeds of every root field that needs arguments, or a state of its own. */
const SAMPLES: Readonly<Record<string, MakeSample>> = {
  'Query.account': async (world, caller) => vars({ id: world.homeOf(caller) }),
  'Query.accountGroup': async (world) => vars({ id: await world.group() }),
  'Query.apiKey': async (world, caller) => vars({ id: await world.apiKey(world.homeOf(caller)) }),
  'Query.channel': async (world) => vars({ id: (await world.served()).channelId }),
  'Query.dryRunPrice': async (world) => {
    const { modelId } = await world.served();
    return input({ changes: [{ modelId, price: { inputPerMillion: '1' } }] });
  },
  'Query.dryRunRoute': async (world) => {
    const { channelId, modelId } = await world.served();
    return input({ modelId, changes: [{ channelId, weight: 3 }] });
  },
  'Query.model': async (world) => vars({ id: (await world.served()).modelId }),
  'Query.rateLimits': async () => vars({ filter: { scope: 'ACCOUNT' } }),
  'Query.redemptionBatch': async (world) => vars({ id: (await world.code()).batchId }),
  'Query.request': async (world, caller) => vars({ id: await world.request(world.homeOf(caller)) }),
  'Query.user': async (world) => vars({ id: (await world.person('member')).userId }),
  'Query.videoJob': async (world, caller) => vars({ id: await world.job(world.homeOf(caller), 'succeeded') }),

  'Mutation.acknowledgeAlert': async (world) => vars({ id: await world.alert() }),
  'Mutation.addRoute': async (world) =>
    input({ channelId: await world.channel(), modelId: await world.model(), priority: 2, weight: 3 }),
  'Mutation.adjustQuota': async (world) => input({ accountId: await world.account(), amount: '0.5', ...CREATED }),
  'Mutation.beginSecondFactor': async (world, caller) => ({
    ...input({ password: PASSWORD }),
    as: await world.another(caller),
  }),
  'Mutation.cancelJob': async (world, caller) => vars({ id: await world.job(world.homeOf(caller), 'queued') }),
  'Mutation.changePassword': async (world, caller) => ({
    ...input({ currentPassword: PASSWORD, newPassword: world.secret('another-password') }),
    as: await world.another(caller),
  }),
  'Mutation.closeAccount': async (world) => input({ id: await world.account(), ...CREATED }),
  'Mutation.confirmSecondFactor': async (world, caller) => {
    const as = await world.another(caller);
    const code = as.role === 'visitor' ? '123456' : await world.beginFactor(as);
    return { ...input({ code }), as };
  },
  'Mutation.createAccount': async (world) => input({ name: world.unique() }),
  'Mutation.createAccountGroup': async (world) => input({ name: world.unique() }),
  'Mutation.createAdminToken': async (world, caller) => ({
    ...input({ name: world.unique(), permissions: ['self:read'], expiresAt: tomorrow().toISOString() }),
    as: await world.another(caller),
  }),
  'Mutation.createApiKey': async (world, caller) => input({ name: world.unique(), accountId: world.homeOf(caller) }),
  'Mutation.createChannel': async (world) =>
    input({
      name: world.unique(),
      provider: SIGNS_CALLBACKS,
      baseUrl: world.rig.upstream.url,
      credential: world.secret('credential'),
      callbackSecret: world.secret('callback'),
      allowPrivateNetwork: true,
    }),
  'Mutation.createModel': async (world) =>
    input({ id: `model/${world.unique()}`, routing: { strategy: 'FASTEST', fallbacks: [{ model: 'gpt-4' }] } }),
  'Mutation.createRedemptionBatch': async (world) => input({ name: world.unique(), amount: '1', count: 1 }),
  'Mutation.createUser': async (world) => input({ email: `${world.unique()}@example.test`, role: 'VIEWER' }),
  'Mutation.deleteAccountGroup': async (world) => input({ id: await world.group() }),
  'Mutation.disableCodes': async (world) => input({ codeId: (await world.code()).codeId }),
  'Mutation.disableUser': async (world) => input({ id: (await world.person('member')).userId }),
  'Mutation.enableUser': async (world) => {
    const { userId } = await world.person('member');
    await world.sql.query('update app_user set disabled_at = now() where id = $1', [userId]);
    return input({ id: userId });
  },
  'Mutation.endAllSessions': async (world, caller) => {
    const as = await world.another(caller);
    if (as.role !== 'visitor') await world.sessionId(as);
    return { ...input({}), as };
  },
  'Mutation.endSession': async (world, caller) => {
    const as = await world.another(caller);
    return { ...input({ id: as.role === 'visitor' ? '1' : await world.sessionId(as) }), as };
  },
  'Mutation.freezeAccount': async (world) => input({ id: await world.account(), ...CREATED }),
  'Mutation.grantQuota': async (world) => input({ accountId: await world.account(), amount: '1', ...CREATED }),
  'Mutation.openCapturedExchange': async (world) => vars({ id: await world.exchange() }),
  'Mutation.redeemCode': async (world, caller) =>
    input({ code: (await world.code()).code, accountId: world.homeOf(caller) }),
  'Mutation.redeliverWebhook': async (world, caller) =>
    vars({ jobId: await world.job(world.homeOf(caller), 'succeeded') }),
  'Mutation.refundJob': async (world, caller) =>
    input({ id: await world.job(world.homeOf(caller), 'succeeded'), ...CREATED }),
  'Mutation.removeChannel': async (world) => input({ id: await world.channel(), version: 1 }),
  'Mutation.removeKeyBudget': async (world, caller) =>
    input({ keyId: await world.apiKey(world.homeOf(caller)), period: 'TOTAL' }),
  'Mutation.removeModel': async (world) => input({ id: await world.model(), version: 1 }),
  'Mutation.removeRoute': async (world) => input(await world.served()),
  'Mutation.removeSecondFactor': async (world, caller) => {
    const as = await world.another(caller);
    const code = as.role === 'visitor' ? '123456' : await world.secondFactor(as);
    return { ...input({ password: PASSWORD, code }), as };
  },
  'Mutation.removeUserSecondFactor': async (world) => {
    const person = await world.person('member');
    await world.secondFactor(person);
    return input({ id: person.userId });
  },
  'Mutation.renewRecoveryCodes': async (world, caller) => {
    const as = await world.another(caller);
    if (as.role !== 'visitor') await world.secondFactor(as);
    return { ...input({ password: PASSWORD }), as };
  },
  'Mutation.resetUserPassword': async (world) => input({ id: (await world.person('member')).userId }),
  'Mutation.retryJob': async (world, caller) => vars({ id: await world.job(world.homeOf(caller), 'failed') }),
  'Mutation.revokeAdminToken': async (world, caller) => {
    const as = await world.another(caller);
    return { ...input({ id: as.role === 'visitor' ? '1' : (await world.adminToken(as, ['self:read'])).id }), as };
  },
  'Mutation.revokeApiKey': async (world, caller) => input({ id: await world.apiKey(world.homeOf(caller)) }),
  'Mutation.rotateApiKey': async (world, caller) => input({ id: await world.apiKey(world.homeOf(caller)) }),
  'Mutation.setCapture': async (world, caller) =>
    input({ keyId: await world.apiKey(world.homeOf(caller)), until: tomorrow().toISOString(), ...CREATED }),
  'Mutation.setChannelEnabled': async (world) => input({ id: await world.channel(), isEnabled: false, version: 1 }),
  'Mutation.setKeyBudget': async (world, caller) =>
    input({ keyId: await world.apiKey(world.homeOf(caller)), period: 'DAY', limit: '1' }),
  'Mutation.setPrice': async (world) => input({ modelId: await world.model(), price: { perRequest: '1' } }),
  'Mutation.signIn': async (world) => {
    const { email } = await world.person('viewer');
    return input({ email, password: PASSWORD, keep: 'TOKEN' });
  },
  'Mutation.signOut': async (world, caller) => ({ variables: {}, as: await world.another(caller) }),
  // Each person has ten tests a minute.
  'Mutation.testChannel': async (world, caller) => ({
    ...input({ id: (await world.served()).channelId }),
    as: await world.another(caller),
  }),
  'Mutation.unfreezeAccount': async (world) => {
    const id = await world.account();
    await world.sql.query(`update account set status = 'frozen' where id = $1`, [id]);
    return input({ id, ...CREATED });
  },
  'Mutation.updateAccount': async (world) => input({ id: await world.account(), version: 1, name: world.unique() }),
  'Mutation.updateAccountGroup': async (world) => input({ id: await world.group(), version: 1, name: world.unique() }),
  'Mutation.updateApiKey': async (world, caller) =>
    input({ id: await world.apiKey(world.homeOf(caller)), version: 1, name: world.unique() }),
  'Mutation.updateChannel': async (world) =>
    input({
      id: await world.channel(),
      version: 1,
      weight: 7,
      credentials: [world.secret('credential'), world.secret('spare')],
    }),
  'Mutation.updateModel': async (world) => input({ id: await world.model(), version: 1, outputTokensDefault: 7 }),
  'Mutation.updateUser': async (world) =>
    input({ id: (await world.person('member')).userId, version: 1, name: world.unique() }),
};

/** A call of a root field; a query or subscription that needs no arguments is called without any. */
export async function sampleOf(root: RootField, world: World, caller: Caller): Promise<Sample> {
  const make = SAMPLES[root.path];
  if (make !== undefined) return make(world, caller);
  if (root.kind !== 'mutation' && !root.field.args.some(isRequiredArgument)) return vars({});
  throw new Error(`${root.path} has no sample: add one to samples.ts`);
}

/** Whether {@link sampleOf} can make a call of a root field. */
export function hasSample({ path, kind, field }: RootField): boolean {
  return path in SAMPLES || (kind !== 'mutation' && !field.args.some(isRequiredArgument));
}

function vars(variables: Variables): Sample {
  return { variables };
}

function input(fields: Variables): Sample {
  return { variables: { input: fields } };
}

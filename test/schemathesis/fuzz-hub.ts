import { Alerts } from '../../src/alerts/alerts.service.js';
import { HitStore } from '../../src/limits/hit-store.js';
import { startSandbox } from '../../src/sandbox/sandbox-server.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { freePort } from '../support/free-port.js';
import { type TestHub } from '../support/hub.js';
import { submitJob } from '../support/submit-job.js';

/** A hub that takes any number of requests from one address, with the sandbox behind all its models. */
export interface FuzzHub {
  readonly hub: TestHub;
  close(): Promise<void>;
}

/** What is to be fuzzed of the admin API. */
export interface AdminTarget {
  /** Bearer token of an owner, who may do everything. */
  readonly token: string;
  /** Ids of one thing of each kind; the owner's own are not among them. */
  readonly ids: readonly string[];
}

/** Lifts what an address may do in a minute, so that a run meets what stands behind these limits. */
const LIMIT_FACTOR = 1_000_000;
const MODELS = ['gpt-4', 'dall-e-3', 'gpt-image-1', 'text-embedding-3-small', 'sandbox-video'];
/** Every table counts from the same number: so many people first, and no other thing has the number of the owner. */
const PEOPLE_BEFORE = 20;

/** Starts it, with an embedded database in memory. */
export async function startFuzzHub(): Promise<FuzzHub> {
  const sandbox = await startSandbox({ tokenDelayMs: 0, videoWorkMs: 50 });
  const hub = await startHub({
    sandboxUrl: sandbox.url,
    // With a port of its own, because the API document and links to results name it.
    env: { PORT: String(await freePort()), HUB_JOB_STATUS_MS_MAX: '100' },
    channels: [
      { name: 'sandbox', provider: 'sandbox', apiKey: undefined, models: new Map(MODELS.map((id) => [id, id])) },
    ],
  });
  liftLimits(hub);
  return {
    hub,
    close: async () => {
      await hub.close();
      await sandbox.close();
    },
  };
}

/** Signs an owner in, and makes one of everything that operations can be about. */
export async function prepareAdmin(hub: TestHub): Promise<AdminTarget> {
  const victim = await signInAs(hub, 'admin');
  for (let count = 1; count < PEOPLE_BEFORE; count++) await signInAs(hub, 'viewer');
  const owner = await signInAs(hub, 'owner');
  const { group, batch } = await owner.data(`mutation {
    group: createAccountGroup(input: { name: "fuzz" }) { id }
    batch: createRedemptionBatch(input: { name: "fuzz", amount: "1", count: 2 }) { batch { id } }
  }`);
  const alerts = hub.app.get(Alerts, { strict: false });
  await alerts.raise({ kind: 'loss', message: 'Lost.', subject: 'account:7', severity: 'warning', dedupeKey: 'fuzz' });
  const ids = [
    victim.userId,
    await tokenOf(victim),
    hub.accountId,
    (await hub.createKey()).id,
    await submitJob(hub),
    group.id,
    batch.batch.id,
    ...(await listed(owner, 'channels')),
    ...(await listed(owner, 'alerts')),
    ...MODELS,
  ];
  return { token: owner.token, ids: [...new Set(ids.map(String))] };
}

async function tokenOf(person: AdminClient): Promise<string> {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const input = { name: 'fuzz', permissions: ['self:read'], expiresAt };
  const { made } = await person.data(
    'mutation ($input: CreateAdminTokenInput!) { made: createAdminToken(input: $input) { adminToken { id } } }',
    { input },
  );
  return made.adminToken.id;
}

async function listed(person: AdminClient, list: 'channels' | 'alerts'): Promise<string[]> {
  const { found } = await person.data(`{ found: ${list} { nodes { id } } }`);
  return found.nodes.map(({ id }: { id: string }) => id);
}

/** The limits per address count for real, but a million times higher; no setting of the product can do that. */
function liftLimits({ app }: TestHub): void {
  const store = app.get(HitStore);
  const { hit, look } = store;
  store.hit = (key, limits) => hit.call(store, key, { ...limits, limit: limits.limit * LIMIT_FACTOR });
  store.look = (key, limits) => look.call(store, key, { ...limits, limit: limits.limit * LIMIT_FACTOR });
}

import { randomBytes } from 'node:crypto';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { GraphQLSchema } from 'graphql';
import { createApiKey } from '../../../src/keys/create-api-key.js';
import { CodeHasher } from '../../../src/redemption/code-hasher.js';
import { createCodes } from '../../../src/redemption/code-store.js';
import { Keyring } from '../../../src/secrets/keyring.js';
import { createAdminToken } from '../../../src/users/admin-tokens.js';
import { createUser } from '../../../src/users/create-user.js';
import { hashPassword } from '../../../src/users/password.js';
import { type Permission, type Role, reachOf } from '../../../src/users/permission.js';
import { SecondFactor } from '../../../src/users/second-factor.js';
import { startSession } from '../../../src/users/start-session.js';
import { toBase32, totpCode, totpStepOf } from '../../../src/users/totp.js';
import { type AdminClient, signInAs } from '../../support/admin.js';
import { startVideoHub } from '../../support/admin-hub.js';
import { grant, UNIT } from '../../support/books.js';
import { CatalogueCalls } from '../../support/catalogue.js';
import { createJob, finishJob } from '../../support/job-calls.js';
import { MANY_ADDRESSES } from '../../support/sign-in.js';
import { until } from '../../support/until.js';
import { VIDEO_MODEL, type VideoHub } from '../../support/video-hub.js';

export const ROLES: readonly Role[] = ['owner', 'admin', 'operator', 'viewer', 'member'];

/** Who makes a request: somebody who has signed in, or with an admin token, or a visitor. */
export interface Caller {
  readonly role: Role | 'visitor';
  /** Undefined for a visitor. */
  readonly token?: string;
  readonly userId: string;
  readonly email: string;
  /** The account of a member. */
  readonly accountId?: string;
  /** Of an admin token; undefined for a session. */
  readonly permissions?: readonly Permission[];
}

export const VISITOR: Caller = { role: 'visitor', userId: '', email: '' };

/** The password of everybody here. */
export const PASSWORD = 'canary-password-7f3a91';
/** Of every channel here. */
export const CREDENTIAL = 'canary-credential-5d0f3c1b9a77-WXYZ';
/** A provider that signs its callbacks. */
export const SIGNS_CALLBACKS = 'kling';
export const CALLBACK_SECRET = 'canary-callback-secret-c0ffee12';

/** A hub with two customers, and a way to make anything that an operation works on. */
export class World {
  /** Secrets that were made, none of which may be seen again. */
  readonly secrets = new Set<string>([PASSWORD, CREDENTIAL, CALLBACK_SECRET]);
  private made = 0;

  private constructor(
    readonly rig: VideoHub,
    readonly schema: GraphQLSchema,
    /** The accounts of two customers. */
    readonly accountId: string,
    readonly otherAccountId: string,
    private readonly passwordHash: string,
    readonly owner: AdminClient,
    readonly catalogue: CatalogueCalls,
  ) {}

  static async start(): Promise<World> {
    const rig = await startVideoHub(MANY_ADDRESSES);
    const { hub, upstream } = rig;
    const { schema } = hub.app.get(GraphQLSchemaHost, { strict: false });
    const [other] = await hub.sql.query<{ id: string }>(`insert into account (name) values ('other') returning id`);
    if (other === undefined) throw new Error('No account was made');
    await grant(hub.sql, other.id, 1_000_000n * UNIT);
    const owner = await signInAs(hub, 'owner');
    const hash = await hashPassword(PASSWORD);
    const catalogue = new CatalogueCalls(hub, owner, upstream.url);
    const world = new World(rig, schema, hub.accountId, other.id, hash, owner, catalogue);
    world.secrets.add(hub.apiKey).add(owner.token);
    return world;
  }

  get hub(): VideoHub['hub'] {
    return this.rig.hub;
  }

  get sql(): VideoHub['hub']['sql'] {
    return this.hub.sql;
  }

  close(): Promise<void> {
    return this.rig.close();
  }

  /** A text that nothing has yet. */
  unique(): string {
    return `thing-${++this.made}`;
  }

  /** The account that a caller's things belong to. */
  homeOf({ accountId }: Caller): string {
    return accountId ?? this.accountId;
  }

  /** Somebody new who has signed in with a session. @param accountId of a member; without it the first customer's. */
  async person(role: Role, accountId = this.accountId): Promise<Caller> {
    const email = `${role}-${this.unique()}@example.test`;
    const account = role === 'member' ? accountId : undefined;
    const { sql, passwordHash } = this;
    const userId = await createUser(sql, { email, role, accountId: account, passwordHash });
    const { token } = await startSession(sql, this.hub.app.get(Keyring), userId, {
      address: '127.0.0.1',
      userAgent: 'matrix',
    });
    this.secrets.add(token);
    return { role, token, userId, email, ...(account !== undefined && { accountId: account }) };
  }

  /** Somebody new with the same role, account and kind of proof: for what ends the session, or is done once. */
  async another(caller: Caller): Promise<Caller> {
    if (caller.role === 'visitor') return caller;
    const person = await this.person(caller.role, caller.accountId);
    return caller.permissions === undefined ? person : this.withToken(person, caller.permissions);
  }

  /** The same person with a personal admin token. */
  async withToken(person: Caller, permissions: readonly Permission[]): Promise<Caller> {
    const { token } = await this.adminToken(person, permissions);
    return { ...person, token, permissions };
  }

  async adminToken(
    { userId, role }: Pick<Caller, 'userId' | 'role'>,
    permissions: readonly Permission[],
  ): Promise<{ id: string; token: string }> {
    if (role === 'visitor') throw new Error('A visitor has no tokens');
    const wanted = { name: this.unique(), permissions, expiresAt: tomorrow() };
    const { token, stored } = await createAdminToken(this.sql, this.hub.app.get(Keyring), { userId, role }, wanted);
    this.secrets.add(token);
    return { id: stored.id, token };
  }

  async sessionId({ userId }: Pick<Caller, 'userId'>): Promise<string> {
    const origin = { address: '127.0.0.1', userAgent: 'matrix' };
    return (await startSession(this.sql, this.hub.app.get(Keyring), userId, origin)).id;
  }

  /** Gives a person the secret of a second factor. @returns a code that was not used: the next one, which holds for a minute at least. */
  async beginFactor({ userId }: Pick<Caller, 'userId'>): Promise<string> {
    const secret = await this.hub.app.get(SecondFactor).begin(this.sql, userId);
    this.secrets.add(toBase32(secret)).add(secret.toString('base64'));
    return totpCode(secret, totpStepOf(Date.now()) + 1);
  }

  /** Switches the second factor of a person on. @returns a recovery code. */
  async secondFactor(person: Pick<Caller, 'userId'>): Promise<string> {
    const code = await this.beginFactor(person);
    const codes = await this.hub.app.get(SecondFactor).confirm(this.sql, person.userId, code);
    for (const each of codes) this.secrets.add(each);
    return codes[0] ?? '';
  }

  async account(): Promise<string> {
    return this.insert(`insert into account (name) values ($1) returning id`, [this.unique()]);
  }

  async group(): Promise<string> {
    return this.insert(`insert into account_group (name) values ($1) returning id`, [this.unique()]);
  }

  /** An API key with a budget. */
  async apiKey(accountId: string): Promise<string> {
    const wanted = { accountId, name: this.unique() };
    const { id, key } = await createApiKey(this.sql, this.hub.app.get(Keyring), wanted);
    this.secrets.add(key);
    await this.sql.query(`insert into key_budget (key_id, period, limit_amount) values ($1, 'total', 5)`, [id]);
    return id;
  }

  async alert(): Promise<string> {
    return this.insert(
      `insert into alert (kind, severity, subject, message, dedupe_key, delivered_at)
       values ('matrix', 'info', 'a test', 'Nothing happened.', $1, now()) returning id`,
      [this.unique()],
    );
  }

  /** A batch with one code. */
  async code(): Promise<{ batchId: string; codeId: string; code: string }> {
    const wanted = { amount: 1_000_000_000n, count: 1, maxUses: 1, batch: this.unique(), actor: 'test' };
    const hasher = new CodeHasher(this.hub.app.get(Keyring));
    const { batchId, codes } = await this.sql.transaction((session) => createCodes(session, hasher, wanted));
    const code = codes[0] ?? '';
    this.secrets.add(code).add(code.replaceAll('-', ''));
    return {
      batchId,
      codeId: await this.insert('select id from redemption_code where batch_id = $1', [batchId]),
      code,
    };
  }

  /** A request that was answered: that of a job. @returns its id as customers see it. */
  async request(accountId: string): Promise<string> {
    return (await this.job(accountId, 'succeeded')).replace('job_', 'req_');
  }

  /** An exchange that was captured, of which nothing was read. */
  async exchange(): Promise<string> {
    return this.insert(
      `insert into captured_exchange (id, request_id, account_id, key_id, endpoint, status, is_truncated, expires_at)
       values (gen_random_uuid(), gen_random_uuid(), $1, $2, 'POST /x', 200, false, now() + interval '1 day') returning id`,
      [this.accountId, await this.apiKey(this.accountId)],
    );
  }

  /** A new secret. @param what it is one of. */
  secret(what: string): string {
    const secret = `canary-${what}-${newHex()}`;
    this.secrets.add(secret);
    return secret;
  }

  /** A channel of an operator's own, at its first version. */
  async channel(): Promise<string> {
    const secrets = { credential: CREDENTIAL, callbackSecret: CALLBACK_SECRET };
    return (await this.catalogue.createChannel({ provider: SIGNS_CALLBACKS, ...secrets })).id;
  }

  /** A channel, and a model that it serves at a price. */
  async served(): Promise<{ channelId: string; modelId: string }> {
    const { id, model } = await this.catalogue.serve({ credential: CREDENTIAL });
    return { channelId: id, modelId: model };
  }

  /** A model that nothing serves, at its first version. */
  async model(): Promise<string> {
    const id = `model/${this.unique()}`;
    await this.sql.query(`insert into model (id) values ($1)`, [id]);
    return id;
  }

  /** A job that nobody works on. @returns its public id. */
  async job(accountId: string, state: 'queued' | 'succeeded' | 'failed'): Promise<string> {
    const cost = state === 'succeeded' ? UNIT : 0n;
    const model = VIDEO_MODEL;
    const id = await this.sql.transaction(async (session) => {
      const made = await createJob(session, accountId, { held: UNIT, model, request: { prompt: 'a cat', count: 1 } });
      const due = state === 'queued' ? `now() + interval '1 day'` : 'due_at';
      await session.query(
        `update job set webhook_url = 'http://127.0.0.1:1/hub', due_at = ${due},
                metadata = '{"order": "17"}' where id = $1`,
        [made],
      );
      if (state !== 'queued') await finishJob(session, accountId, made, { state, cost });
      return made;
    });
    return `job_${id.replaceAll('-', '')}`;
  }

  /** Waits until nothing that was submitted or sent again is on its way, and puts off what would be tried later. */
  async untilQuiet(): Promise<void> {
    let quiet = 0;
    await until(async () => {
      // Two looks in a row: a message that is being sent comes back with its next time.
      const put = await this.sql.query(
        `update webhook_delivery set next_attempt_at = now() + interval '1 day'
          where next_attempt_at < now() + interval '12 hours' returning id`,
      );
      const busy = await this.sql.query(
        `select id from job where finished_at is null and due_at < now() + interval '1 hour' limit 1`,
      );
      quiet = put.length + busy.length === 0 ? quiet + 1 : 0;
      return quiet > 1;
    });
  }

  private async insert(text: string, values: readonly string[]): Promise<string> {
    const [row] = await this.sql.query<{ id: string }>(text, values);
    if (row === undefined) throw new Error(`Nothing was made by: ${text}`);
    return row.id;
  }
}

export function tomorrow(): Date {
  return new Date(Date.now() + 86_400_000);
}

/** Whether the written policy lets a caller use what asks for a permission. */
export function mayUse({ role, permissions }: Caller, permission: Permission | 'anybody'): boolean {
  if (permission === 'anybody') return true;
  if (role === 'visitor' || reachOf(role, permission) === undefined) return false;
  return permissions === undefined || permissions.includes(permission);
}

/** A text of 32 hex digits that names nothing. */
export function newHex(): string {
  return randomBytes(16).toString('hex');
}

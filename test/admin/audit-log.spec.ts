import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendAuditRow } from '../../src/audit-log/append-audit-row.js';
import type { AuditActor, AuditChange } from '../../src/audit-log/audit-row.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { type TestHub } from '../support/hub.js';
import { recordStatements } from '../support/record-statements.js';

const LIST = `query ($first: Int!, $after: String, $filter: AuditFilter) {
  auditLog(first: $first, after: $after, filter: $filter) {
    nodes { seq action actorKind actorUserId actor subjectKind subjectId accountId reason before after createdAt }
    pageInfo { hasNextPage endCursor } } }`;
const SOMEBODY: AuditActor = { kind: 'session', userId: '77', name: 'a@example.test', address: '::1', requestId: 'r' };

let hub: TestHub;
let viewer: AdminClient;
beforeAll(async () => {
  hub = await startHub();
  viewer = await signInAs(hub, 'viewer');
  for (let n = 1; n <= 5; n++) {
    await append(SOMEBODY, { action: 'thing.create', kind: 'thing', id: String(n), after: { n, token: 'secret' } });
  }
  await append({ ...SOMEBODY, kind: 'cli', userId: null, name: 'cli' }, { action: 'thin_.x', kind: 'box', id: '1' });
  await append(SOMEBODY, { action: 'thing.end', kind: 'thing', id: '1', accountId: hub.accountId, reason: 'old' });
});
afterAll(() => hub.close());

const append = (actor: AuditActor, change: AuditChange) =>
  hub.sql.transaction((session) => appendAuditRow(session, hub.app.get(Keyring), actor, change));
const list = async (filter: object = {}, first = 100, after?: string) =>
  (await viewer.data(LIST, { first, after, filter })).auditLog;
const seqs = async (filter: object) => (await list(filter)).nodes.map(({ seq }: { seq: string }) => Number(seq));

describe('the audit log', () => {
  it('is shown newest first, without secrets', async () => {
    const { nodes } = await list();
    expect(nodes.map(({ seq }: { seq: string }) => seq)).toEqual(['7', '6', '5', '4', '3', '2', '1']);
    expect(nodes[0]).toMatchObject({ action: 'thing.end', accountId: hub.accountId, reason: 'old', before: null });
    expect(nodes[6]).toMatchObject({
      actorKind: 'SESSION',
      actorUserId: '77',
      actor: 'a@example.test',
      subjectKind: 'thing',
      after: { n: 1, token: '***' },
    });
  });

  it('is filtered by who, what, on what, whose and when', async () => {
    expect(await seqs({ actorUserId: '77' })).toEqual([7, 5, 4, 3, 2, 1]);
    expect(await seqs({ action: 'thing.e' })).toEqual([7]);
    expect(await seqs({ action: 'thin_' })).toEqual([6]);
    expect(await seqs({ action: '%' })).toEqual([]);
    expect(await seqs({ subjectKind: 'thing', subjectId: '1' })).toEqual([7, 1]);
    expect(await seqs({ accountId: hub.accountId })).toEqual([7]);
    expect(await seqs({ accountId: 'x' })).toEqual([]);
    const { nodes } = await list({ subjectKind: 'box' });
    const at = nodes[0].createdAt;
    expect(await seqs({ to: at })).not.toContain(6);
    expect(await seqs({ from: at })).toEqual(expect.arrayContaining([7, 6]));
  });

  it.each([
    ['subjectKind', { subjectId: '1' }],
    ['action', { action: 'a\0' }],
    ['subjectKind', { subjectKind: 'k'.repeat(201) }],
    ['from', { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }],
  ])('names the filter that is wrong: %s', async (name, filter) => {
    const { errors } = await viewer.send(LIST, { first: 1, filter });
    expect(errors?.[0]?.extensions).toMatchObject({ status: 400, param: `filter.${name}` });
  });

  it.each(['', 'yesterday', '-000005-01-01T00:00:00Z', '+200000-01-01T00:00:00Z'])(
    'takes "%s" for no moment',
    async (from) => {
      const { errors } = await viewer.send(LIST, { first: 1, filter: { from } });
      expect(errors?.[0]?.extensions['code']).not.toBe('internal_error');
      expect(errors).toBeDefined();
    },
  );

  it('has pages, of two statements each', async () => {
    const first = await list({}, 3);
    expect(first).toMatchObject({ nodes: [{ seq: '7' }, { seq: '6' }, { seq: '5' }], pageInfo: { hasNextPage: true } });
    const next = await list({}, 100, first.pageInfo.endCursor);
    expect(next).toMatchObject({ nodes: { length: 4 }, pageInfo: { hasNextPage: false } });
    expect(
      await recordStatements(
        hub,
        (text) => /user_session s join|from audit_log/.test(text),
        () => list(),
      ),
    ).toEqual([expect.stringContaining('user_session'), expect.stringContaining('audit_log')]);
  });

  it('is not shown to customers', async () => {
    const member = await signInAs(hub, 'member', hub.accountId);
    expect(await member.code(LIST, { first: 1 })).toBe('forbidden');
  });
});

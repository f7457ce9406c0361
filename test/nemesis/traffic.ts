import { randomUUID } from 'node:crypto';
import { postEntry } from '../../src/quota/post-entry.js';
import { UNIT } from '../support/books.js';
import { fakeCommand } from '../support/fake-upstream.js';
import type { History, Operation, OperationKind } from './history.js';
import { tryHttp } from './http-try.js';
import type { Random } from './random.js';
import { CODE_AMOUNT, type Customer, type Rig } from './rig.js';

const IN_FLIGHT_MAX = 250;
const TICK_MS = 20;
const LEAVE_MS_MAX = 45_000;
const TRIES_MAX = 40;
const RETRY_MS = 1_500;
const CLI_EVERY_MS = 20_000;
/** Codes that more accounts ask for than may have them; few, or the guard against guessing would stop all redemptions. */
const CROWDED_CODES = 2;

const MIX: Readonly<Record<OperationKind, number>> = {
  chat: 40,
  stream: 30,
  embeddings: 12,
  images: 8,
  redemption: 3,
  grant: 2,
};

/** Mixed traffic at a rate, with all that clients do: they leave, try again, and ask for what they cannot pay. */
export class Traffic {
  private readonly under = new Set<Promise<void>>();
  private readonly redemptions: { code: string; customer: Customer }[];
  private isStopping = false;
  private cliAt = Date.now() + CLI_EVERY_MS;
  /** Operations that were not begun because the machine had too many under way. */
  skipped = 0;

  constructor(
    private readonly rig: Rig,
    private readonly history: History,
    private readonly random: Random,
    private readonly rate: number,
  ) {
    this.redemptions = rig.codes
      .flatMap((code, index) => {
        const takers = index < CROWDED_CODES ? rig.codeUses + 2 : rig.codeUses;
        return rotate(rig.customers, index)
          .slice(0, takers)
          .map((customer) => ({ code, customer }));
      })
      .reverse();
  }

  /** Begins operations until it is told to stop. */
  async run(): Promise<void> {
    let due = 0;
    let last = performance.now();
    while (!this.isStopping) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      const now = performance.now();
      // What a stalled event loop has missed is not made up for all at once.
      due += (Math.min(now - last, 500) / 1000) * this.rate;
      last = now;
      for (; due >= 1; due--) {
        if (this.under.size >= IN_FLIGHT_MAX) this.skipped++;
        else this.begin();
      }
    }
  }

  /** Begins nothing any more and waits for what is under way. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.under);
  }

  private begin(): void {
    const kind = this.random.weighted(MIX);
    const done = this.carryOut(kind).finally(() => this.under.delete(done));
    this.under.add(done);
  }

  private carryOut(kind: OperationKind): Promise<void> {
    if (kind === 'grant') return this.grant();
    if (kind === 'redemption') return this.redeem();
    return this.ask(kind);
  }

  private async ask(kind: Exclude<OperationKind, 'grant' | 'redemption'>): Promise<void> {
    const { random } = this;
    const customer = random.pick(this.rig.customers);
    const shape = this.shapeOf(kind);
    // A stream is not kept for replays: who repeats one is told what became of it.
    const isIdempotent = kind !== 'stream' && random.chance(0.25);
    const operation = this.history.begin({ kind, accountId: customer.accountId, cost: shape.cost, isIdempotent });
    const leavesEarly = random.chance(0.08);
    const leaveAfterMs = leavesEarly ? random.integer(5, 1_500) : LEAVE_MS_MAX;
    const body = JSON.stringify({ ...shape.body(`${operation.id} ${shape.command}`), user: operation.id });
    const headers: Record<string, string> = headersOf(customer);
    if (isIdempotent) headers['idempotency-key'] = randomUUID();
    const order = { path: `/api/relay/v1/${shape.path}`, headers, body, isStream: kind === 'stream' };
    await this.tryUntilKnown(operation, order, leaveAfterMs);
  }

  private shapeOf(kind: 'chat' | 'stream' | 'embeddings' | 'images') {
    const { random } = this;
    const input = random.chance(0.03) ? random.integer(300, 900) : random.integer(1, 30);
    const fault = random.chance(0.02) ? { status: 400 } : {};
    if (kind === 'embeddings') {
      const command = fakeCommand({ in: input, delay_ms: random.integer(0, 80), ...fault });
      return {
        path: 'embeddings',
        command,
        cost: BigInt(input) * UNIT,
        body: (text: string): object => ({ model: 'm-embed', input: text, dimensions: 8 }),
      };
    }
    if (kind === 'images') {
      const n = random.integer(1, 3);
      const command = fakeCommand({ images: n, delay_ms: random.integer(0, 200), ...fault });
      return {
        path: 'images/generations',
        command,
        cost: BigInt(n) * 4n * UNIT,
        body: (text: string): object => ({ model: 'm-image', prompt: text, n, response_format: 'url' }),
      };
    }
    const out = random.integer(1, 60);
    const cost = BigInt(input + 2 * out) * UNIT;
    if (kind === 'chat') {
      const command = fakeCommand({ in: input, out, tokens: 5, delay_ms: random.integer(0, 300), ...fault });
      return {
        path: 'chat/completions',
        command,
        cost,
        body: (text: string): object => ({
          model: 'm-chat',
          messages: [{ role: 'user', content: text }],
          max_tokens: 64,
        }),
      };
    }
    // Long ones outlast a heartbeat, so that a crash finds something metered.
    const [tokens, token_ms] = random.chance(0.15) ? [random.integer(100, 250), 60] : [random.integer(5, 60), 10];
    const cut = random.chance(0.02) ? { cut_after: random.integer(0, tokens) } : {};
    const cap = random.chance(0.5) ? { max_tokens: 300 } : {};
    return {
      path: 'chat/completions',
      command: fakeCommand({ in: input, out, tokens, token_ms, ...fault, ...cut }),
      cost,
      body: (text: string): object => ({
        model: 'm-chat',
        messages: [{ role: 'user', content: text }],
        stream: true,
        ...cap,
      }),
    };
  }

  private async redeem(): Promise<void> {
    const next = this.redemptions.pop();
    if (next === undefined) return;
    const { code, customer } = next;
    const operation = this.history.begin({
      kind: 'redemption',
      accountId: customer.accountId,
      cost: CODE_AMOUNT,
      isIdempotent: true,
      subject: code,
    });
    const headers: Record<string, string> = headersOf(customer);
    // Without a key as well: a second redemption is refused by itself.
    if (this.random.chance(0.5)) headers['idempotency-key'] = randomUUID();
    const order = { path: '/api/user/redemption', headers, body: JSON.stringify({ code }), isStream: false };
    await this.tryUntilKnown(operation, order, LEAVE_MS_MAX);
  }

  /** An operator gives quota, straight in the database or by the command, with a reference that makes it happen once. */
  private async grant(): Promise<void> {
    const customer = this.random.chance(0.7)
      ? this.random.pick(this.rig.customers.filter(({ isRich }) => !isRich))
      : this.random.pick(this.rig.customers);
    const amount = BigInt(this.random.integer(1, 800)) * UNIT;
    const ref = `nemesis:${randomUUID()}`;
    const { accountId } = customer;
    const operation = this.history.begin({ kind: 'grant', accountId, cost: amount, isIdempotent: true, subject: ref });
    const byCommand = Date.now() > this.cliAt;
    if (byCommand) this.cliAt = Date.now() + CLI_EVERY_MS;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const atMs = Date.now();
      try {
        if (byCommand) {
          const units = String(amount / UNIT);
          await this.rig.cli('quota:grant', '--account', accountId, '--units', units, '--ref', ref);
        } else {
          await postEntry(this.rig.sql, { kind: 'grant', accountId, amount, ref, actor: 'nemesis' });
        }
        operation.tries.push({ outcome: 'ok', hub: -1, atMs, ms: Date.now() - atMs });
        return;
      } catch {
        operation.tries.push({ outcome: 'info', hub: -1, atMs, ms: Date.now() - atMs });
        await pause(RETRY_MS);
      }
    }
  }

  /** One try, and where it means the same again, more until an answer is final. */
  private async tryUntilKnown(
    operation: Operation,
    order: Omit<Parameters<typeof tryHttp>[0], 'hub' | 'port' | 'leaveAfterMs'>,
    leaveAfterMs: number,
  ): Promise<void> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const { index, port } = this.random.pick(this.rig.hubs);
      // Only the first try is left early: after that the client wants to know.
      const patience = tries === 0 ? leaveAfterMs : LEAVE_MS_MAX;
      const made = await tryHttp({ ...order, hub: index, port, leaveAfterMs: patience });
      operation.tries.push(made);
      if (!operation.isIdempotent || made.outcome === 'ok') return;
      const mayChange = made.outcome !== 'fail' || made.code === 'idempotency_key_in_use' || (made.status ?? 0) >= 500;
      if (!mayChange) return;
      await pause(RETRY_MS);
    }
  }
}

function headersOf(customer: Customer): Record<string, string> {
  return { authorization: `Bearer ${customer.apiKey}`, 'content-type': 'application/json' };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function rotate<Item>(items: readonly Item[], by: number): Item[] {
  return items.map((_, index) => items[(index + by) % items.length] as Item);
}

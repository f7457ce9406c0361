import type { Sql } from '../../src/database/sql.js';

/** A guard of the real functions, and what the text of one is without it. */
export interface SqlMutation {
  readonly title: string;
  readonly procedure: string;
  readonly replace: readonly (readonly [guard: string, without: string])[];
}

/** What is taken away from the functions in PostgreSQL. */
export const SQL_MUTATIONS: readonly SqlMutation[] = [
  {
    title: 'reserve without the lock of the account',
    procedure: 'ledger_reserve',
    replace: [["and kind = 'customer' order by id for no key update", "and kind = 'customer' order by id"]],
  },
  {
    title: 'reserve without available >= amount',
    procedure: 'ledger_reserve',
    replace: [['granted := least(p_amounts[i], room);', 'granted := p_amounts[i];']],
  },
  {
    title: "settle without state = 'open'",
    procedure: 'ledger_settle',
    replace: [["and h.state = 'open' and i.cost <= h.amount", 'and i.cost <= h.amount']],
  },
  {
    title: 'settle_slow without the check that the hold is not settled',
    procedure: 'ledger_settle_slow',
    replace: [["if h.state in ('settled', 'released') then code := 2; return; end if;", '']],
  },
  {
    title: 'sweep without asking again under the lock',
    procedure: 'ledger_sweep',
    replace: [["where h.id = any (due) and h.state = 'open' and h.lease_until < now_at", 'where h.id = any (due)']],
  },
  {
    title: 'sweep that locks holds before accounts',
    procedure: 'ledger_sweep',
    replace: [
      [
        'perform 1 from account a where',
        'perform 1 from hold h where h.id = any (due) for no key update; perform 1 from account a where',
      ],
    ],
  },
  {
    // The order in which a join finds its rows is nobody's promise; with few rows it happens to be the one of a settlement.
    title: 'heartbeat without skip locked',
    procedure: 'ledger_heartbeat',
    replace: [['for no key update of h skip locked', 'order by random() for no key update of h']],
  },
];

/** Replaces a function by what it is without a guard. @returns puts it back. */
export async function mutate(sql: Sql, { procedure, replace }: SqlMutation): Promise<() => Promise<void>> {
  const [row] = await sql.query<{ text: string }>('select pg_get_functiondef($1::regproc) as text', [procedure]);
  const original = row?.text ?? '';
  let text = original;
  for (const [guard, without] of replace) {
    if (!text.includes(guard)) throw new Error(`${procedure} has no "${guard}"`);
    text = text.replace(guard, without);
  }
  await sql.query(text);
  return async () => {
    await sql.query(original);
  };
}

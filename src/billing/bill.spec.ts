import { describe, expect, it } from '@jest/globals';
import type { DeclaredPrice } from '../common/declared-price.js';
import { MULTIPLIER_ONE } from '../pricing/cost-of.js';
import { parsePrice } from '../pricing/parse-price.js';
import { PriceTable } from '../pricing/price-table.js';
import type { Settlement } from '../quota/core/ledger-store.js';
import { Bill } from './bill.js';
import type { BillEnd } from './bill-end.js';
import { holdSize } from './hold-size.js';
import type { Order, OutputBound } from './order.js';

const UNIT = 1_000_000n;
/** One unit an input token, two an output token. */
const TOKENS: DeclaredPrice = { inputPerMillion: '1000', outputPerMillion: '2000' };

/** A bill of ten tokens of prompt that an upstream has taken on, and what the ledger hears of it. */
function begun(output: OutputBound, declared: DeclaredPrice, purchase?: DeclaredPrice, serviceTier?: string) {
  const price = parsePrice(declared);
  const version = { id: '7', price };
  const order: Order = {
    requestId: `req_${'0'.repeat(32)}`,
    payer: { accountId: '1000', keyId: '1', multiplierMillionths: MULTIPLIER_ONE, limits: [] },
    model: 'm',
    outputTokensDefault: 500,
    endpoint: 'audio/speech',
    kind: 'stream',
    routes: [{ model: 'm', channelId: '1' }],
    prices: new PriceTable([
      { side: 'selling', model: 'm', channelId: '1', version },
      ...(purchase === undefined
        ? []
        : [{ side: 'purchase' as const, model: 'm', version: { id: '8', price: parsePrice(purchase) } }]),
    ]),
    serviceTier,
    promptTokens: 10,
    output,
    userIdentifier: '',
  };
  const size = holdSize(order, [price], 100);
  const settled: Settlement[] = [];
  const metered: bigint[] = [];
  const ledger = {
    settle: async (settlement: Settlement) => {
      settled.push(settlement);
      return { status: 'closed' as const, charged: settlement.cost, lost: 0n };
    },
    meter: (_holdId: string, amount: bigint) => void metered.push(amount),
    extend: () => Promise.reject(new Error('Nothing is extended here.')),
  };
  const bill = new Bill({
    ledger,
    order,
    size,
    held: size.amount,
    ticket: { finish: () => undefined },
    sliceTokens: 100,
  });
  bill.beginAttempt({ model: 'm', channelId: '1', upstreamModel: 'up' });
  bill.noteAccepted();
  return { bill, settled, metered };
}

const GONE: BillEnd = { outcome: 'client_gone', isDelivered: false };

describe('the bill of a request whose client has left', () => {
  it('has the text alone where no speech had come', async () => {
    const { bill, settled } = begun({ kind: 'speech', characters: 40, speedPercent: 100 }, TOKENS);
    expect(await bill.settle(GONE)).toBe(10n * UNIT);
    expect(settled[0]?.events[0]).toMatchObject({ inputTokens: 10, outputTokens: 0, characters: 40 });
  });

  it('has the tokens of speech where some had come', async () => {
    const { bill } = begun({ kind: 'speech', characters: 40, speedPercent: 100 }, TOKENS);
    expect(await bill.settle({ ...GONE, isDelivered: true })).toBe(10n * UNIT + 60n * 2n * UNIT);
  });

  it('has the prompt alone where pictures had been made and were not handed over', async () => {
    const { bill } = begun({ kind: 'images', count: 1, size: '1024x1024' }, TOKENS);
    expect(await bill.settle({ ...GONE, usage: { images: 1 } })).toBe(10n * UNIT);
  });
});

describe('the bill of sound', () => {
  it('counts the text of a transcript once, for its length as for its tokens', async () => {
    const price = { ...TOKENS, perAudioSecond: '1' };
    const { bill, settled } = begun({ kind: 'sound', ms: 2000, msMax: 9000 }, price);
    await bill.settle({ outcome: 'done', isDelivered: true, text: () => 'one two three' });
    expect(settled[0]?.events[0]).toMatchObject({ outputTokens: 3, audioMs: 2000, isEstimated: true });
  });

  it('is metered from the first of it on, for a hub that is killed', () => {
    const { bill, metered } = begun(
      { kind: 'speech', characters: 40, speedPercent: 100 },
      { perMillionCharacters: '1000' },
    );
    expect(bill.deliver('', 0)).toBeUndefined();
    expect(metered).toEqual([40n * UNIT]);
  });
});

describe('the bill of a service tier', () => {
  const PRICE: DeclaredPrice = {
    ...TOKENS,
    serviceTiers: {
      priority: { inputPerMillion: '2000', outputPerMillion: '4000' },
      flex: { outputPerMillion: '1000' },
    },
  };
  const COST: DeclaredPrice = {
    ...TOKENS,
    serviceTiers: { flex: { inputPerMillion: '500' }, scale: { outputPerMillion: '0' } },
  };
  const OUTPUT: OutputBound = { kind: 'tokens', cap: 100, choices: 1 };
  const DONE: BillEnd = { outcome: 'done', isDelivered: true, usage: { inputTokens: 10, outputTokens: 5 } };

  it.each<[string | undefined, string | undefined, bigint, bigint, string | undefined]>([
    // asked and sent, answered; charged, cost, on the event
    [undefined, undefined, 20n, 20n, undefined],
    ['priority', undefined, 40n, 20n, 'priority'],
    ['priority', 'priority', 40n, 20n, 'priority'],
    ['priority', 'default', 20n, 20n, undefined],
    ['priority', 'flex', 15n, 15n, 'flex'],
    ['flex', undefined, 15n, 15n, 'flex'],
    ['flex', 'default', 20n, 20n, undefined],
    [undefined, 'priority', 40n, 20n, 'priority'],
    [undefined, 'flex', 15n, 15n, 'flex'],
    // The customer has no price for it, the operator has.
    [undefined, 'scale', 20n, 10n, 'scale'],
    [undefined, 'batch', 20n, 20n, undefined],
  ])('asked for %s and answered in %s is %s and costs %s', async (asked, answered, charged, paid, shown) => {
    const { bill, settled } = begun(OUTPUT, PRICE, COST, asked);
    bill.noteTier(asked);
    if (answered !== undefined) bill.noteTier(answered);
    expect(await bill.settle(DONE)).toBe(charged * UNIT);
    expect(settled[0]?.events).toMatchObject([
      { cost: charged * UNIT, purchaseCost: paid * UNIT, priceVersionId: '7', purchaseVersionId: '8' },
    ]);
    expect(settled[0]?.events[0]?.serviceTier).toBe(shown);
  });

  it('is for what came of an answer that broke off, in the tier it came in', async () => {
    const { bill, settled } = begun(OUTPUT, PRICE, COST, 'flex');
    bill.noteTier('flex');
    bill.deliver('one two three', 0);
    expect(await bill.settle({ outcome: 'failed', errorCode: 'incomplete', isDelivered: true })).toBe(13n * UNIT);
    expect(settled[0]?.events).toMatchObject([{ serviceTier: 'flex', outputTokens: 3 }]);
  });

  it('is for the attempt that was served in it, not for the next', async () => {
    const { bill, settled } = begun(OUTPUT, PRICE, COST, 'flex');
    bill.noteTier('flex');
    bill.failAttempt('incomplete', { inputTokens: 10, outputTokens: 1 });
    bill.beginAttempt({ model: 'm', channelId: '1', upstreamModel: 'up' });
    expect(await bill.settle(DONE)).toBe(20n * UNIT);
    expect(settled[0]?.events).toMatchObject([
      { attempt: 1, cost: 0n, purchaseCost: 7n * UNIT, serviceTier: 'flex' },
      { attempt: 2, cost: 20n * UNIT, purchaseCost: 20n * UNIT },
    ]);
    expect(settled[0]?.events[1]?.serviceTier).toBeUndefined();
  });

  it('is metered as far as is known, and held for the dearer', () => {
    const { bill, metered } = begun(OUTPUT, PRICE, COST, 'priority');
    bill.noteTier('priority');
    bill.deliver('', 0);
    expect(metered).toEqual([20n * UNIT]);
    expect(bill.sellsTier('priority')).toBe(true);
    expect(bill.sellsTier('scale')).toBe(false);
  });
});

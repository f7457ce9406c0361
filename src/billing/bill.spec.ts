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
function begun(output: OutputBound, declared: DeclaredPrice) {
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
    prices: new PriceTable([{ side: 'selling', model: 'm', channelId: '1', version }]),
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

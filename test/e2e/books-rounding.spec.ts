import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Random } from '../simulation/random.js';
import { balanceOf, bookedRequest } from '../support/books.js';
import { type FakeUpstream, fakeCommand, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { inTurns } from '../support/in-turns.js';
import { askChat } from '../support/relay-client.js';
import { findUnsound } from '../support/sound-books.js';

const REQUESTS = 1_000;
const AT_A_TIME = 25;

// 37.5 nano-credits an input token, 3.0625 a cached one, a third of one (nearly) an output token.
const PRICE = { inputPerMillion: '0.0375', cachedInputPerMillion: '0.0030625', outputPerMillion: '0.000333333' };

/** A fraction of integers, for a reckoning that shares nothing with the hub's. */
class Fraction {
  constructor(
    readonly over: bigint,
    readonly under: bigint,
  ) {}

  /** Reads a decimal number. */
  static of(text: string): Fraction {
    const [whole = '', decimals = ''] = text.split('.');
    return new Fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
  }

  plus(other: Fraction): Fraction {
    return new Fraction(this.over * other.under + other.over * this.under, this.under * other.under);
  }

  times(factor: number): Fraction {
    return new Fraction(this.over * BigInt(factor), this.under);
  }

  /** The next integer that is not below. */
  get ceiling(): bigint {
    const floor = this.over / this.under;
    return floor * this.under === this.over ? floor : floor + 1n;
  }
}

/** What tokens cost at a price per million, in nano-credits. */
function costOf(perMillion: string, tokens: number): Fraction {
  const { over, under } = Fraction.of(perMillion).times(tokens);
  // A credit has 10^9 nano-credits: a thousandth of that for each token of a million.
  return new Fraction(over * 1_000n, under);
}

interface Usage {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

function exactCost({ input, cached, output }: Usage): bigint {
  return costOf(PRICE.inputPerMillion, input - cached)
    .plus(costOf(PRICE.cachedInputPerMillion, cached))
    .plus(costOf(PRICE.outputPerMillion, output)).ceiling;
}

let upstream: FakeUpstream;
let hub: TestHub;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  const channels = [{ name: 'main', baseUrl: upstream.url }];
  hub = await startHub({ channels, models: [{ id: 'gpt-4', price: PRICE }] });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

describe('a price with fractions of a nano-credit', () => {
  // T012
  it('is rounded up once in each of a thousand requests, and adds up to what fractions say', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = new Random(seed);
    const usages = Array.from({ length: REQUESTS }, (): Usage => {
      const input = random.between(1, 300);
      return { input, cached: random.below(input + 1), output: random.between(0, 300) };
    });
    const ids = await inTurns(REQUESTS, AT_A_TIME, async (index) => {
      const { input, cached, output } = usages[index]!;
      const usage = {
        prompt_tokens: input,
        completion_tokens: output,
        total_tokens: input + output,
        prompt_tokens_details: { cached_tokens: cached },
      };
      const messages = [{ role: 'user', content: fakeCommand({ text: 'x', usage }) }];
      const response = await askChat(hub, { messages, max_tokens: 400 });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
      return response.headers.get('x-request-id')!;
    });
    const wrong: object[] = [];
    let total = 0n;
    for (const [index, id] of ids.entries()) {
      const cost = exactCost(usages[index]!);
      total += cost;
      const settled = (await bookedRequest(hub.sql, id))?.settled;
      if (settled !== cost) wrong.push({ seed, index, usage: usages[index], cost, settled });
    }
    expect(wrong).toEqual([]);
    expect((await balanceOf(hub.sql, hub.accountId)).used).toBe(total);
    expect(await findUnsound(hub.sql)).toEqual([]);
  }, 300_000);
});

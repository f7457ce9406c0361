import { describe, expect, it } from '@jest/globals';
import type { Sql } from '../database/sql.js';
import { parsePrice } from '../pricing/parse-price.js';
import type { ModelCatalog } from '../routing/model-catalog.js';
import type { Attempt } from './attempt.js';
import { LostPictures } from './lost-pictures.js';
import type { RelayRun } from './relay-run.js';

/** 3 credits of each million tokens of the prompt, 5 of those of the answer, 0.5 of each picture. */
const PRICE = parsePrice({ inputPerMillion: '3', outputPerMillion: '5', perImage: '0.5' });
const CREDIT = 1_000_000_000n;

/** The books, and what is booked. */
function lostPictures({ isBroken = false }: { readonly isBroken?: boolean } = {}) {
  const losses: bigint[] = [];
  const session = {
    query: (sql: string, [, cost]: readonly bigint[]) => {
      if (sql.includes('insert into entry') && cost !== undefined) losses.push(cost);
      return Promise.resolve([]);
    },
  };
  const sql = {
    transaction: (work: (on: typeof session) => Promise<void>) =>
      isBroken ? Promise.reject(new Error('The database is away.')) : work(session),
  } as unknown as Sql;
  const catalog = { table: { prices: { purchase: () => ({ price: PRICE }) } } } as unknown as ModelCatalog;
  return { lost: new LostPictures(sql, catalog), losses };
}

const runOf = (isAborted: boolean) =>
  ({
    context: { requestId: 'req_1' },
    isAborted,
    usage: { images: 2, inputTokens: 1_000_000, outputTokens: 1_000_000 },
  }) as RelayRun;
const ATTEMPT = { candidate: { channel: { id: '1', name: 'one' } }, model: { id: 'picture' } } as Attempt;
const REQUEST = { source: { value: {} } } as Parameters<LostPictures['book']>[2];

describe('LostPictures', () => {
  it.each([
    ['with its prompt', false, 9n * CREDIT],
    ['without the prompt of a request whose client has left, which is on its bill', true, 6n * CREDIT],
  ])('books what cannot be handed over, %s', async (_title, isAborted, loss) => {
    const { lost, losses } = lostPictures();
    await lost.book(runOf(isAborted), ATTEMPT, REQUEST);
    expect(losses).toEqual([loss]);
  });

  it('hides no failure of a request behind one of the books', async () => {
    const { lost } = lostPictures({ isBroken: true });
    await expect(lost.book(runOf(false), ATTEMPT, REQUEST)).resolves.toBeUndefined();
  });
});

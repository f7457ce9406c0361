import { startLedger, toReservation, toSettlement } from './ledgers.js';

// A ledger in a process of its own: reserves, beats, sweeps and settles once, and says what it saw. For clocks that differ.
const [, , url = '', accountId = ''] = process.argv;
const { ledger, stop } = await startLedger(url);
const reservation = toReservation(accountId, 1000n);
await ledger.reserve(reservation);
await ledger.beat();
const swept = await ledger.sweep();
await ledger.settle(toSettlement(reservation, 700n));
await stop();
process.stdout.write(JSON.stringify({ at: Date.now(), swept }));
process.exit();

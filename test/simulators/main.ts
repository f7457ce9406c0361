// node --import ./test/support/register-ts.mjs test/simulators/main.ts <vendor> [credential] [port]
// One simulator in a process of its own. Prints one line of JSON, `{"url":"…"}`, and then listens until it is ended;
// switches and counts are at /__control.
import { Simulator } from './simulator.js';
import { SIMULATED_VENDORS } from './vendors.js';

const [id, credential, port] = process.argv.slice(2);
const vendor = SIMULATED_VENDORS.find((candidate) => candidate.id === id);
if (vendor === undefined) {
  process.stderr.write(`Usage: main.ts ${SIMULATED_VENDORS.map((one) => one.id).join('|')} [credential] [port]\n`);
  process.exit(2);
}
const simulator = await Simulator.start(vendor, { credential, port: port === undefined ? 0 : Number(port) });
process.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);

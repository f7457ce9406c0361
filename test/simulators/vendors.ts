import { readdirSync } from 'node:fs';
import { dashscopeSimulator } from './dashscope.js';
import { simulatedKling } from './kling/kling.js';
import { minimaxSimulator } from './minimax.js';
import { openAiVideoSimulator } from './openai-video.js';
import type { SimulatedVendor } from './simulated-vendor.js';
import { volcengineSimulator } from './volcengine.js';

/** Every vendor of tasks that can be simulated; a file `<id>/<id>.simulator.ts` here that exports `SIMULATED` is one more. */
export const SIMULATED_VENDORS: readonly SimulatedVendor[] = [
  simulatedKling(),
  volcengineSimulator,
  minimaxSimulator,
  dashscopeSimulator,
  openAiVideoSimulator,
  ...(await Promise.all(simulatorFiles().map(load))),
];

function simulatorFiles(): readonly string[] {
  return readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.simulator.ts'))
    .sort();
}

async function load(file: string): Promise<SimulatedVendor> {
  const { SIMULATED } = await import(`./${file.replace(/\.ts$/, '.js')}`);
  if (SIMULATED === undefined) throw new Error(`test/simulators/${file} exports no SIMULATED.`);
  return SIMULATED;
}

import { dashscopeSimulator } from './dashscope.js';
import { simulatedKling } from './kling/kling.js';
import { minimaxSimulator } from './minimax.js';
import { openAiVideoSimulator } from './openai-video.js';
import type { SimulatedVendor } from './simulated-vendor.js';
import { volcengineSimulator } from './volcengine.js';

/** Every vendor that can be simulated. */
export const SIMULATED_VENDORS: readonly SimulatedVendor[] = [
  simulatedKling(),
  volcengineSimulator,
  minimaxSimulator,
  dashscopeSimulator,
  openAiVideoSimulator,
];

import { simulatedKling } from './kling/kling.js';
import type { SimulatedVendor } from './simulated-vendor.js';

/** Every vendor that can be simulated. */
export const SIMULATED_VENDORS: readonly SimulatedVendor[] = [simulatedKling()];

// @ts-check

import { cpus, loadavg, release, totalmem } from 'node:os';
import { helperCore, targetCore } from './processes.mjs';

/** @returns {string[]} what the numbers were measured on */
export function describeMachine() {
  const all = cpus();
  const pins =
    targetCore === null
      ? 'not pinned (needs Linux, taskset and two cores): compare with care'
      : `measured process on core ${targetCore}; generator, upstream and database on core ${helperCore}`;
  return [
    `date: ${new Date().toISOString().slice(0, 10)}`,
    `machine: ${all.length} x ${all[0]?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, ${process.arch}`,
    `node: ${process.version}`,
    `load average now, this bench included: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
    `pinning: ${pins}`,
  ];
}

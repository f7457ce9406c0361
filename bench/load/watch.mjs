// @ts-check

import { existsSync } from 'node:fs';
import { coreBusySeconds, cpuSeconds, memoryBytes, processTree, resetPeak } from './proc.mjs';

/**
 * Starts watching what the measured process, the helpers and its core use.
 *
 * @param {import('./types.mjs').LoadCommand} command
 * @returns {() => import('./types.mjs').MachineUse | null} the use since the start
 */
export function watchMachine(command) {
  const [rootPid, ...helperPids] = command.watchPids;
  if (rootPid === undefined || !existsSync('/proc/self/stat')) return () => null;
  const target = processTree(rootPid);
  const helpers = [process.pid, ...helperPids].flatMap(processTree).filter((pid) => !target.includes(pid));
  resetPeak(target);
  const before = sample();

  return () => {
    const after = sample();
    const seconds = (after.at - before.at) / 1e3;
    const targetCpu = (after.target - before.target) / seconds;
    return {
      targetCpu,
      helperCpu: (after.helpers - before.helpers) / seconds,
      generatorCpu: (after.generator - before.generator) / seconds,
      foreignCpu: command.core === null ? null : Math.max(0, (after.core - before.core) / seconds - targetCpu),
      rssBytes: memoryBytes(target, 'VmRSS'),
      rssPeakBytes: memoryBytes(target, 'VmHWM'),
    };
  };

  function sample() {
    return {
      at: performance.now(),
      target: cpuSeconds(target),
      helpers: cpuSeconds(helpers),
      generator: cpuSeconds([process.pid]),
      core: command.core === null ? 0 : coreBusySeconds(command.core),
    };
  }
}

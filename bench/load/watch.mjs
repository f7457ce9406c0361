// @ts-check

import { existsSync } from 'node:fs';
import { coreBusySeconds, cpuSeconds, memoryBytes, processTree, resetPeak, treeCpuSeconds } from './proc.mjs';

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
  const isShared = command.cores?.target === command.cores?.helpers;
  resetPeak(target);
  const before = sample();

  return () => {
    const after = sample();
    const seconds = (after.at - before.at) / 1e3;
    const shareOf = (
      /** @type {'target' | 'helpers' | 'generator' | 'database' | 'targetCore' | 'helperCore'} */ name,
    ) => (after[name] - before[name]) / seconds;
    const foreign = isShared
      ? [shareOf('targetCore') - shareOf('target') - shareOf('helpers')]
      : [shareOf('targetCore') - shareOf('target'), shareOf('helperCore') - shareOf('helpers')];
    return {
      targetCpu: shareOf('target'),
      helperCpu: shareOf('helpers'),
      generatorCpu: shareOf('generator'),
      databaseCpu: command.databasePid === null ? null : shareOf('database'),
      foreignCpu: command.cores === null ? null : Math.max(0, ...foreign),
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
      database: command.databasePid === null ? 0 : treeCpuSeconds(command.databasePid),
      targetCore: command.cores === null ? 0 : coreBusySeconds(command.cores.target),
      helperCore: command.cores === null ? 0 : coreBusySeconds(command.cores.helpers),
    };
  }
}

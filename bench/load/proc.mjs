// @ts-check

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const ticksPerSecond = readTicksPerSecond();

/**
 * @param {number} rootPid
 * @returns {number[]} the process and its descendants
 */
export function processTree(rootPid) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))?.[1]);
    if (!Number.isNaN(parent)) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [rootPid];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/**
 * @param {number[]} pids
 * @returns {number} seconds of CPU used since they started, user and system
 */
export function cpuSeconds(pids) {
  let ticks = 0;
  for (const pid of pids) {
    const fields = statFields(pid);
    if (fields !== null) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / ticksPerSecond;
}

/**
 * @param {number} rootPid of a process that waits for its children when they end
 * @returns {number} seconds of CPU used by it and all its descendants, those that have ended meanwhile included
 */
export function treeCpuSeconds(rootPid) {
  const fields = statFields(rootPid);
  const ended = fields === null ? 0 : (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
  return cpuSeconds(processTree(rootPid)) + ended;
}

/**
 * @param {number} core
 * @returns {number} seconds that the core was busy since boot, with anything
 */
export function coreBusySeconds(core) {
  const line = readFileSync('/proc/stat', 'latin1')
    .split('\n')
    .find((text) => text.startsWith(`cpu${core} `));
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (line ?? '')
    .split(' ')
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond;
}

/**
 * @param {number[]} pids
 * @param {'VmRSS' | 'VmHWM'} field now, or the peak since `resetPeak`
 * @returns {number} bytes, summed
 */
export function memoryBytes(pids, field) {
  let kibibytes = 0;
  for (const pid of pids) {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readOrEmpty(`/proc/${pid}/status`));
    if (match !== null) kibibytes += Number(match[1]);
  }
  return kibibytes * 1024;
}

/** @param {number[]} pids */
export function resetPeak(pids) {
  for (const pid of pids) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
    } catch {
      // Another user's process, or one that has gone: its peak stays that of its whole life.
    }
  }
}

/**
 * The fields of /proc/PID/stat from the third on (state); the second may hold spaces.
 *
 * @param {number} pid
 * @returns {string[] | null}
 */
function statFields(pid) {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** @param {string} path */
function readOrEmpty(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function readTicksPerSecond() {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'latin1' })) || 100;
  } catch {
    return 100;
  }
}

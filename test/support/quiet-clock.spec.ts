import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { quietNow } from './quiet-clock.js';

describe('the quiet clock', () => {
  it('goes with the true time while this process waits for something or works', async () => {
    const startedAt = quietNow();
    await sleep(300);
    const worksUntil = process.threadCpuUsage().user + 300_000;
    while (process.threadCpuUsage().user < worksUntil);
    expect(quietNow() - startedAt).toBeGreaterThan(550);
  });

  it('stands still while this process does', async () => {
    const [startedAt, reallyStartedAt] = [quietNow(), performance.now()];
    const nap = `kill -STOP ${process.pid}; sleep 1; kill -CONT ${process.pid}`;
    await once(spawn('sh', ['-c', nap], { stdio: 'ignore' }), 'exit');
    expect(performance.now() - reallyStartedAt - (quietNow() - startedAt)).toBeGreaterThan(900);
  });
});

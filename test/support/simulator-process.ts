import type { ControlCommand } from '../simulators/control.js';
import type { PaidTasks } from '../simulators/simulator.js';
import { launch } from './processes.js';
import { until } from './until.js';

const READY_MS_MAX = 30_000;

/** A simulated vendor in a process of its own. */
export interface SimulatorProcess {
  readonly url: string;
  readonly credential: string;
  control(command: ControlCommand): Promise<void>;
  paid(): Promise<PaidTasks>;
  stop(): Promise<void>;
}

/** Starts one. @param vendor its id, such as `kling`. */
export async function startSimulatorProcess(vendor: string, credential: string): Promise<SimulatorProcess> {
  const script = ['--import', './test/support/register-ts.mjs', './test/simulators/main.ts'];
  const started = launch([process.execPath, ...script, vendor, credential]);
  const line = await until(() => (started.stdout().includes('\n') ? started.stdout() : undefined), READY_MS_MAX).catch(
    async () => {
      await started.kill();
      throw new Error(`The simulator of ${vendor} did not start\n${started.stderr()}`);
    },
  );
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    credential,
    control: async (command) => {
      const answer = await fetch(`${url}/__control`, { method: 'POST', body: JSON.stringify(command) });
      if (!answer.ok) throw new Error(`The simulator of ${vendor} refused: ${await answer.text()}`);
    },
    paid: async () => ((await (await fetch(`${url}/__control`)).json()) as { paid: PaidTasks }).paid,
    stop: async () => {
      await started.kill();
    },
  };
}

import type { FaultRule } from './faults.js';
import type { SimulatedAnswer, SimulatedRequest } from './simulated-vendor.js';
import type { Simulator } from './simulator.js';
import type { Phase, Progression } from './task-table.js';

/** What `POST /__control` takes: everything that is named is done, in this order. */
export interface ControlCommand {
  readonly reset?: boolean;
  readonly faults?: readonly FaultRule[];
  readonly progression?: Progression;
  readonly linkTtlMs?: number;
  readonly tasksMax?: number;
  readonly advance?: { readonly id: string; readonly phase?: Phase };
}

/** `POST` gives a command; `GET` tells what there is, with `?requests=1` also the log of requests. */
export function answerControl(simulator: Simulator, request: SimulatedRequest): SimulatedAnswer {
  if (request.method === 'POST') obey(simulator, (request.json ?? {}) as ControlCommand);
  const { tasks, paid, callbacks, requests } = simulator;
  const log = requests.map(({ raw, query, headers: _headers, ...rest }) => ({
    ...rest,
    query: query.toString(),
    bytes: raw.length,
  }));
  return {
    status: 200,
    body: {
      paid,
      requestCount: requests.length,
      callbacks: callbacks.map(({ url, status, error }) => ({ url, status, error })),
      tasks: tasks.list().map(({ troubles, ...task }) => ({ ...task, troubles: [...troubles] })),
      ...(request.query.has('requests') ? { requests: log } : {}),
    },
  };
}

export function obey(simulator: Simulator, command: ControlCommand): void {
  if (command.reset === true) simulator.reset();
  if (command.faults !== undefined) simulator.setFaults(...command.faults);
  if (command.progression !== undefined) simulator.tasks.progression = command.progression;
  if (command.linkTtlMs !== undefined) simulator.media.ttlMs = command.linkTtlMs;
  if (command.tasksMax !== undefined) simulator.tasksMax = command.tasksMax;
  if (command.advance !== undefined) simulator.tasks.advance(command.advance.id, command.advance.phase);
}

// @ts-check

/**
 * @typedef {object} Task
 * @property {string} name
 * @property {string[]} after names of tasks that must have ended
 * @property {(client: import('pg').Client) => Promise<unknown>} run
 */

/**
 * Runs tasks on some connections, each as soon as one is free and what it needs is done; earlier ones first.
 *
 * @param {import('pg').Client[]} clients
 * @param {Task[]} tasks
 * @param {(text: string) => void} log
 */
export async function runTasks(clients, tasks, log) {
  const waiting = [...tasks];
  const done = new Set();
  const idle = [...clients];
  /** @type {Set<Promise<void>>} */
  const running = new Set();
  while (waiting.length > 0 || running.size > 0) {
    const at = waiting.findIndex(({ after }) => after.every((name) => done.has(name)));
    const client = at < 0 ? undefined : idle.pop();
    if (client === undefined) {
      if (running.size === 0) throw new Error(`No task can run: ${waiting.map(({ name }) => name).join(', ')}`);
      await Promise.race(running);
      continue;
    }
    const [task] = waiting.splice(at, 1);
    const start = performance.now();
    const run = (async () => {
      await task?.run(client);
      log(`seed: ${task?.name} in ${((performance.now() - start) / 1e3).toFixed(0)} s`);
      done.add(task?.name);
      idle.push(client);
      running.delete(run);
    })();
    running.add(run);
  }
}

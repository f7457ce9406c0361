import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { findProgram } from './find-program.js';
import { freePort } from './free-port.js';
import { describeWithServer } from './server-suite.js';
import { until } from './until.js';

const REDIS = findProgram('redis-server') ?? findProgram('valkey-server');

/** A Redis server of this suite's own; it keeps nothing on disk. */
export interface RedisServer {
  readonly url: string;
  /** Kills it at once. */
  stop(): Promise<void>;
  /** Starts an empty one on the same port after {@link stop}. */
  restart(): Promise<void>;
  /** The server stays connected and answers nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Empties it. */
  flush(): Promise<void>;
}

/** A suite that needs the Redis program. */
export function describeWithRedis(title: string, suite: () => void): void {
  describeWithServer('Redis', REDIS, title, suite);
}

/** Starts a server on a free port. */
export async function startRedis(): Promise<RedisServer> {
  if (REDIS === undefined) throw new Error('Redis is not installed');
  const program = REDIS;
  const port = await freePort();
  const start = async () => {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn(program, options, { stdio: 'ignore' });
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    const exited = new Promise<void>((resolve) =>
      child.once('exit', () => {
        process.off('exit', killWithUs);
        resolve();
      }),
    );
    await until(() => answers(port, 'PING', '+PONG'));
    return { child, exited };
  };
  let running = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      running.child.kill('SIGKILL');
      await running.exited;
    },
    restart: async () => {
      running = await start();
    },
    pause: () => running.child.kill('SIGSTOP'),
    resume: () => running.child.kill('SIGCONT'),
    flush: async () => {
      if (!(await answers(port, 'FLUSHALL', '+OK'))) throw new Error('Redis was not emptied');
    },
  };
}

/** Sends one command and says whether the answer begins so. */
function answers(port: number, command: string, expected: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    socket.once('data', (reply) => {
      resolve(reply.toString().startsWith(expected));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}

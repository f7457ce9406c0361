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
    await until(() => answersPing(port));
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
  };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (reply) => {
      resolve(reply.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}

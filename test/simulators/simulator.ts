import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallbackSender, type SentCallback } from './callback-sender.js';
import { answerControl, type ControlCommand, obey } from './control.js';
import { BREAKDOWNS, type Breakdown, type FaultRule, REFUSALS, Switches } from './faults.js';
import { MediaLinks } from './media-links.js';
import type { Route, SimulatedAnswer, SimulatedRequest, SimulatedVendor, World } from './simulated-vendor.js';
import { type SimulatedTask, TaskTable } from './task-table.js';

const REQUESTS_KEPT_MAX = 10_000;
const TICK_MS = 20;

/** How a simulator begins; the same can be changed while it runs. */
export interface SimulatorOptions {
  /** Default: the vendor's own. */
  readonly credential?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** What signs callbacks; default {@link CALLBACK_SECRET}. */
  readonly callbackSecret?: string;
  /** Unix time in milliseconds; default the real one. */
  readonly nowMs?: () => number;
  /** For rules with a chance; default Math.random. */
  readonly random?: () => number;
}

/** A request that arrived, and what it was told; undefined where it was told nothing. */
export interface LoggedRequest extends Omit<SimulatedRequest, 'params'> {
  readonly status: number | undefined;
}

/** What was made of tasks so far. Every task costs its maker money. */
export interface PaidTasks {
  readonly total: number;
  readonly byExternalId: Readonly<Record<string, number>>;
  readonly byPrompt: Readonly<Record<string, number>>;
}

/** Signs callbacks unless the options say otherwise. */
export const CALLBACK_SECRET = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3';

/** One vendor's task API on a loopback port. */
export class Simulator {
  readonly tasks: TaskTable;
  readonly media: MediaLinks;
  readonly credential: string;
  /** Tasks that may run at a time; the next one is refused with `concurrency`. */
  tasksMax = Number.POSITIVE_INFINITY;
  private readonly switches: Switches;
  private readonly callbackSender: CallbackSender;
  private readonly nowMs: () => number;
  private readonly server = createServer((request, response) => void this.serve(request, response));
  private readonly ticks: NodeJS.Timeout;
  private readonly world: World;
  private log: LoggedRequest[] = [];
  private numbers = 0;

  private constructor(
    readonly vendor: SimulatedVendor,
    options: SimulatorOptions,
  ) {
    this.credential = options.credential ?? vendor.credential;
    this.nowMs = options.nowMs ?? Date.now;
    this.switches = new Switches(options.random ?? Math.random);
    this.media = new MediaLinks(this.nowMs);
    this.tasks = new TaskTable(
      this.nowMs,
      (text) => this.switches.troublesOf(text),
      (task) => this.callbackSender.send(task, this.world),
    );
    this.callbackSender = new CallbackSender(vendor, options.callbackSecret ?? CALLBACK_SECRET);
    this.world = this.makeWorld();
    this.ticks = setInterval(() => this.tasks.passTime(), TICK_MS).unref();
  }

  static async start(vendor: SimulatedVendor, options: SimulatorOptions = {}): Promise<Simulator> {
    const simulator = new Simulator(vendor, options);
    await new Promise<void>((resolve, reject) => {
      simulator.server.once('error', reject);
      simulator.server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return simulator;
  }

  /** Without a trailing slash. */
  get url(): string {
    const address = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  }

  /** What arrived, oldest first; of very many the latest. */
  get requests(): readonly LoggedRequest[] {
    return this.log;
  }

  /** What was sent to `callbackUrl`s, oldest first. */
  get callbacks(): readonly SentCallback[] {
    return this.callbackSender.sent;
  }

  get paid(): PaidTasks {
    const tasks = this.tasks.list();
    return {
      total: tasks.length,
      byExternalId: count(tasks.flatMap((task) => task.externalId ?? [])),
      byPrompt: count(tasks.map((task) => task.prompt)),
    };
  }

  /** Replaces all switches. @throws Error for a fault that there is not. */
  setFaults(...rules: readonly FaultRule[]): void {
    this.switches.set(rules);
  }

  /** Does what the control endpoint does. @throws Error for a task or a fault that there is not. */
  obey(command: ControlCommand): void {
    obey(this, command);
  }

  /** Forgets everything but its port, its credential and how tasks move on. */
  reset(): void {
    this.switches.set([]);
    this.tasks.clear();
    this.log = [];
    this.callbackSender.clear();
  }

  /** Cuts what is open, also calls that wait for an answer that never comes. */
  async close(): Promise<void> {
    clearInterval(this.ticks);
    this.callbackSender.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const raw = await readAll(incoming);
      const url = new URL(incoming.url ?? '/', this.url);
      const request: SimulatedRequest = {
        method: incoming.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
        params: {},
        raw,
        json: parse(raw),
      };
      if (url.pathname === '/__control') return write(response, answerControl(this, request));
      this.respond(response, request, this.answer(request));
    } catch (error) {
      write(response, { status: 500, headers: { 'x-simulator-fault': 'yes' }, body: String(error) });
    }
  }

  private respond(response: ServerResponse, request: SimulatedRequest, answer: SimulatedAnswer | Breakdown): void {
    const isAnswer = typeof answer !== 'string';
    const { params: _params, ...logged } = request;
    this.log.push({ ...logged, status: isAnswer ? answer.status : undefined });
    if (this.log.length > REQUESTS_KEPT_MAX) this.log.shift();
    if (isAnswer) write(response, answer);
    else if (answer !== 'silence') response.socket?.resetAndDestroy();
  }

  private answer(request: SimulatedRequest): SimulatedAnswer | Breakdown {
    if (this.media.isOne(request.path)) {
      const task = this.tasks.get(this.media.idOf(request.path));
      return this.media.answer(request.path, request.query, request.headers['range'], task);
    }
    for (const route of this.vendor.routes) {
      const isMeant =
        route.method === request.method &&
        Object.entries(route.query ?? {}).every(([name, value]) => request.query.get(name) === value);
      const params = isMeant ? match(route.path, request.path) : undefined;
      if (params !== undefined) return this.call(route, { ...request, params });
    }
    return this.vendor.notFound(request);
  }

  private call(route: Route, request: SimulatedRequest): SimulatedAnswer | Breakdown {
    const text = `${request.path}?${request.query} ${request.raw.toString('utf8')}`;
    const refusal = this.switches.take(REFUSALS, route.call, text);
    if (refusal !== undefined) return this.vendor.refuse(refusal, route.call, request);
    const breakdown = this.switches.take(BREAKDOWNS, route.call, text);
    if (breakdown === 'lost_request') return breakdown;
    if (breakdown === 'empty_error') return { status: 502 };
    const denial = this.vendor.authorize(request, this.world);
    if (denial !== undefined) return denial;
    if (route.call === 'create' && this.tasks.running >= this.tasksMax)
      return this.vendor.refuse('concurrency', route.call, request);
    const answer = route.handle(request, this.world);
    return breakdown ?? answer;
  }

  private makeWorld(): World {
    const simulator = this;
    return {
      tasks: simulator.tasks,
      credential: simulator.credential,
      video: simulator.media.video,
      get url() {
        return simulator.url;
      },
      nowMs: () => simulator.nowMs(),
      nextNumber: () => ++simulator.numbers,
      linksOf: (task: SimulatedTask) => simulator.media.of(task, simulator.url),
    };
  }
}

/** The places of a route's path; undefined when it is another path. */
function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const text = given[i] ?? '';
    if (part.startsWith(':') && text !== '') params[part.slice(1)] = decodeURIComponent(text);
    else if (part !== text) return undefined;
  }
  return params;
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}

function write(response: ServerResponse, { status, headers, body }: SimulatedAnswer): void {
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const bytes = isRaw ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': isRaw ? 'application/octet-stream' : 'application/json', ...headers });
  response.end(bytes);
}

function count(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = Object.create(null);
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

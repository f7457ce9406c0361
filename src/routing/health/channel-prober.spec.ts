import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { candidatesOf, failure } from '../../../test/support/candidates.js';
import { until } from '../../../test/support/until.js';
import { Cancellation } from '../../common/cancellation.js';
import { parseSettings } from '../../config/parse-settings.js';
import { AccessTokenStore } from '../../providers/transport/access-token-store.js';
import { UpstreamClient } from '../../providers/transport/upstream-client.js';
import type { Candidate } from '../candidate.js';
import { ChannelSender } from '../channel-sender.js';
import { ChannelHealth } from './channel-health.js';
import { ChannelProber } from './channel-prober.js';

const SIGNAL = new Cancellation();
const settings = parseSettings({ HUB_CHANNEL_PROBE_MS: '100' });

describe('active probes', () => {
  const cleanUps: (() => Promise<unknown> | unknown)[] = [];
  beforeAll(() => Logger.overrideLogger(false));
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  /** A prober before an upstream that answers every request with the status that the test says. */
  async function setUp() {
    const upstream = { status: 503, paths: [] as string[] };
    const server: Server = createServer((request, response) => {
      upstream.paths.push(request.url ?? '');
      response.writeHead(upstream.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(upstream.status === 200 ? { data: [] } : { error: { message: 'no' } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    let nowMs = 0;
    const health = new ChannelHealth({ now: () => nowMs, random: () => 0, isProbedActively: true });
    const client = new UpstreamClient(settings.upstream);
    const prober = new ChannelProber(health, new ChannelSender(new AccessTokenStore(client)), client, settings);
    cleanUps.push(() => client.close());
    cleanUps.push(() => prober.onModuleDestroy());
    prober.onApplicationBootstrap();
    const models = new Map([
      ['a', 'up-a'],
      ['b', 'up-b'],
    ]);
    const candidates = candidatesOf('1', {
      baseUrl: `http://127.0.0.1:${port}/v1`,
      allowPrivateNetwork: true,
      models,
    }) as [Candidate, Candidate];
    for (const candidate of candidates) {
      for (let i = 0; i < 5; i++) (await health.enter(candidate, SIGNAL)).fail(failure('unreachable'));
    }
    return {
      upstream,
      health,
      candidates,
      pass: (ms: number) => {
        nowMs += ms;
      },
    };
  }

  const isHalfOpen = (health: ChannelHealth, candidate: Candidate): boolean => health.stateOf(candidate).isHalfOpen;

  it('keep requests from an upstream that does not work, also when its rest is over', async () => {
    const { upstream, health, candidates, pass } = await setUp();
    pass(5000);
    const asked = upstream.paths.length;
    await until(() => upstream.paths.length > asked + 1);
    expect(health.stateOf(candidates[0]).rest?.cause).toBe('ejected');
    // Its list of models may be all that is broken.
    pass(25_000);
    expect(isHalfOpen(health, candidates[0])).toBe(true);
  });

  it.each([200, 404])('let the next request try all its models once it answers with %i', async (status) => {
    const { upstream, health, candidates } = await setUp();
    upstream.status = status;
    await until(() => candidates.every((candidate) => isHalfOpen(health, candidate)));
    expect(new Set(upstream.paths)).toEqual(new Set(['/v1/models']));
    const asked = upstream.paths.length;
    for (const candidate of candidates) (await health.enter(candidate, SIGNAL)).succeed();
    expect(health.unanswered()).toEqual([]);
    expect(upstream.paths).toHaveLength(asked);
  });

  it('find out that a credential is refused', async () => {
    const { upstream, health, candidates } = await setUp();
    upstream.status = 401;
    await until(() => health.reasonFor(candidates[0])?.kind === 'credential');
  });

  it('are not made where no setting asks for them', async () => {
    let nowMs = 0;
    const health = new ChannelHealth({ now: () => nowMs, random: () => 0 });
    const [candidate] = candidatesOf('1') as [Candidate];
    for (let i = 0; i < 5; i++) (await health.enter(candidate, SIGNAL)).fail(failure('unreachable'));
    expect(health.unanswered()).toEqual([]);
    nowMs = 1000;
    expect(isHalfOpen(health, candidate)).toBe(true);
  });
});

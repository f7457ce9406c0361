import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cancellation } from '../../src/common/cancellation.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { TaskSender } from '../../src/jobs/task-sender.js';
import { jimeng } from '../../src/providers/adapters/jimeng/jimeng.provider.js';
import { kling } from '../../src/providers/adapters/kling/kling.provider.js';
import type { VideoRequest } from '../../src/providers/canonical/video.js';
import type { Provider, VideoOperation } from '../../src/providers/provider.js';
import { AccessTokenStore } from '../../src/providers/transport/access-token-store.js';
import { UpstreamClient } from '../../src/providers/transport/upstream-client.js';
import { type Candidate, toCandidate } from '../../src/routing/candidate.js';
import { ChannelSender } from '../../src/routing/channel-sender.js';
import { SIMULATED as JIMENG } from '../simulators/jimeng/jimeng.simulator.js';
import { simulatedKling } from '../simulators/kling/kling.js';
import { Simulator } from '../simulators/simulator.js';

const OPTIONS = { signal: new Cancellation(), isOnce: false };
const REQUEST: VideoRequest = {
  prompt: 'A cat.',
  durationSeconds: 5,
  resolution: '720p',
  hasAudio: false,
  count: 1,
  options: {},
  externalId: 'job_1',
};

describe('a call of a task API', () => {
  let client: UpstreamClient;
  let sender: TaskSender;
  const simulators: Simulator[] = [];
  beforeEach(() => {
    client = new UpstreamClient(parseSettings({}).upstream);
    sender = new TaskSender(new ChannelSender(new AccessTokenStore(client)), client, client, client);
  });
  afterEach(async () => {
    await client.close();
    for (const simulator of simulators.splice(0)) await simulator.close();
  });

  const candidateOf = (provider: Provider, baseUrl: string, credential: string): Candidate =>
    toCandidate(
      {
        id: '1',
        name: 'one',
        provider: provider.id,
        baseUrl,
        credential,
        allowPrivateNetwork: true,
        priority: 0,
        weight: 1,
        models: new Map(),
      },
      provider,
      { publicModel: 'm', upstreamModel: provider.defaultModels[0] ?? '' },
    );
  const videoOf = ({ video }: Provider): VideoOperation => {
    if (video === undefined) throw new Error('It makes no videos.');
    return video;
  };

  it.each([
    ['is signed where its provider signs', jimeng, JIMENG],
    ['carries the credential in the way of its own where it has one', kling, simulatedKling()],
  ])('%s, and is taken', async (_title, provider, vendor) => {
    const simulator = await Simulator.start(vendor);
    simulators.push(simulator);
    const candidate = candidateOf(provider, simulator.url, simulator.credential);
    const video = videoOf(provider);
    const submitted = await sender.send(candidate, video, video.toSubmit(REQUEST, candidate.target), OPTIONS);
    const ref = video.fromSubmit(submitted, REQUEST, candidate.target);
    const state = video.fromStatus(await sender.send(candidate, video, video.toStatus(ref), OPTIONS), ref);
    expect(state.state).toBe('queued');
    const [, secret = ''] = simulator.credential.split(':');
    expect(JSON.stringify(simulator.requests.map(({ headers }) => headers))).not.toContain(secret);
  });

  it('is refused under another secret', async () => {
    const simulator = await Simulator.start(JIMENG);
    simulators.push(simulator);
    const candidate = candidateOf(jimeng, simulator.url, `${simulator.credential}x`);
    const video = videoOf(jimeng);
    const answer = await sender.send(candidate, video, video.toSubmit(REQUEST, candidate.target), OPTIONS);
    expect(() => video.fromSubmit(answer, REQUEST, candidate.target)).toThrow(
      expect.objectContaining({ kind: 'credential' }) as unknown as Error,
    );
  });
});

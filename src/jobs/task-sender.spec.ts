import type { TaskCall } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';
import type { UpstreamClient, UpstreamRequest, UpstreamResponse } from '../providers/transport/upstream-client.js';
import type { Candidate } from '../routing/candidate.js';
import type { ChannelSender } from '../routing/channel-sender.js';
import { fileIn, TaskSender } from './task-sender.js';

const REGION = 'https://api.eu1.vendor.example';

/** Where a call goes that is made on a channel with this address. */
async function placeOf(
  channelOrigin: string,
  call: Partial<TaskCall>,
  operation: Partial<TaskApi> = {},
): Promise<string> {
  const sent: UpstreamRequest[] = [];
  const channels = {
    send: async (_client: UpstreamClient, _candidate: Candidate, request: UpstreamRequest) => {
      sent.push(request);
      return { status: 200, headers: {}, body: { collect: async () => Buffer.alloc(0) } };
    },
  } as unknown as ChannelSender;
  const client = {} as UpstreamClient;
  const channel = { allowPrivateNetwork: false };
  const candidate = {
    channel,
    origin: channelOrigin,
    basePath: '/v1',
    headers: { 'x-key': 'k' },
  } as unknown as Candidate;
  const api = { isOwnHost: (host: string) => host.endsWith('.vendor.example'), ...operation } as TaskApi;
  const signal = {
    aborted: false,
    reason: undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
  const sender = new TaskSender(channels, client, client, client);
  await sender.send(candidate, api, { method: 'GET', path: '/tasks/1', ...call }, { signal, isOnce: false });
  return `${sent[0]?.origin}${sent[0]?.path}`;
}

describe('a call of a task API', () => {
  it('goes below the base URL of the channel', async () => {
    expect(await placeOf('https://api.vendor.example', {})).toBe('https://api.vendor.example/v1/tasks/1');
    expect(await placeOf('https://api.vendor.example', {}, { basePath: () => '/v2' })).toBe(
      'https://api.vendor.example/v2/tasks/1',
    );
  });

  it('goes to another host of the vendor that the vendor names', async () => {
    const call = { origin: REGION, path: '/v1/result?id=1' };
    expect(await placeOf('https://api.vendor.example', call)).toBe(`${REGION}/v1/result?id=1`);
  });

  // The credential goes along with it.
  it.each([
    ['a host of somebody else', 'https://api.vendor.example', 'https://vendor.example.attacker.example'],
    ['a host without encryption', 'https://api.vendor.example', 'http://api.eu1.vendor.example'],
    ['no address at all', 'https://api.vendor.example', 'https://'],
    ['a host of the vendor, of a channel that is not at the vendor', 'https://proxy.example', REGION],
  ])('stays at its own address where the upstream names %s', async (_title, channelOrigin, origin) => {
    expect(await placeOf(channelOrigin, { origin, path: '/v1/result?id=1' })).toBe(`${channelOrigin}/v1/result?id=1`);
  });

  it('stays there where the vendor has but one host', async () => {
    const call = { origin: REGION, path: '/v1/result?id=1' };
    const place = await placeOf('https://api.vendor.example', call, { isOwnHost: undefined });
    expect(place).toBe('https://api.vendor.example/v1/result?id=1');
  });
});

describe('the file in an answer', () => {
  const answerOf = (status: number, text: string, aborts: Error[] = []) =>
    ({
      status,
      headers: {},
      body: { collect: async () => Buffer.from(text), abort: (reason: Error) => aborts.push(reason) },
    }) as unknown as UpstreamResponse;

  it('is its body, or what the adapter takes out of it', async () => {
    expect(Buffer.from(await fileIn(answerOf(200, 'png'), {}, 0)).toString()).toBe('png');
    const fromContent = () => Buffer.from('inner');
    expect(Buffer.from(await fileIn(answerOf(200, '{}'), { fromContent }, 0)).toString()).toBe('inner');
  });

  it('is not what a redirect has for a body', async () => {
    const aborts: Error[] = [];
    await expect(fileIn(answerOf(302, 'Found', aborts), {}, 0)).rejects.toMatchObject({ kind: 'invalid_response' });
    expect(aborts).toHaveLength(1);
  });
});

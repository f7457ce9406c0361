import { describe, expect, it } from '@jest/globals';
import { HubError } from '../common/hub-error.js';
import type { FileStore, StoredFile } from '../files/file-store.js';
import type { ImageItem } from '../providers/canonical/images.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { UpstreamClient, UpstreamRequest, UpstreamResponse } from '../providers/transport/upstream-client.js';
import type { Candidate } from '../routing/candidate.js';
import { ImageFormat } from './image-format.js';
import type { RelayRun } from './relay-run.js';

const ORIGIN = 'https://upstream.test';
const OWN_LINK = 'https://hub.test/api/files/1';
const BYTES = Buffer.from('89504e47', 'hex');

type Wanted = 'url' | 'b64_json' | undefined;

/** Formats pictures; a link ending in `/N` leads to N bytes. */
function format(allowPrivateNetwork = false, { fail = false, isAborted = false, linksLastHours = 24 } = {}) {
  const requests: UpstreamRequest[] = [];
  const stored: StoredFile[] = [];
  let open = 0;
  const send = async (request: UpstreamRequest): Promise<UpstreamResponse> => {
    requests.push(request);
    if (fail) throw new ProviderError({ kind: 'unreachable', message: 'no way' });
    expect(++open).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    const size = Number(request.path.slice(1)) || BYTES.length;
    const collect = async (bytesMax: number): Promise<Buffer> => {
      open--;
      if (size > bytesMax) throw new ProviderError({ kind: 'invalid_response', message: 'too much' });
      return Buffer.concat([BYTES], size);
    };
    return { status: 200, headers: {}, body: { collect } } as unknown as UpstreamResponse;
  };
  const put = async (file: StoredFile): Promise<string> => {
    stored.push(file);
    return OWN_LINK;
  };
  const subject = new ImageFormat({ send } as UpstreamClient, { put } as unknown as FileStore);
  const run = { signal: { aborted: isAborted } } as unknown as RelayRun;
  const provider = { imageTasks: { modelOf: () => ({}), linksLastHours } };
  const target = { upstreamModel: 'm', publicModel: 'm' };
  const channel = { allowPrivateNetwork };
  const candidate = { channel, provider, target, origin: ORIGIN, secrets: [] } as unknown as Candidate;
  const apply = async (data: ImageItem[], wanted: Wanted): Promise<ImageItem[]> =>
    (await subject.apply(run, candidate, { body: { created: 1, data }, usage: undefined }, wanted)).body.data;
  return { apply, requests, stored };
}

describe('ImageFormat', () => {
  it.each<Wanted>(['url', undefined])('hands a public link out as it is: %s', async (wanted) => {
    const { apply, requests } = format();
    expect(await apply([{ url: `${ORIGIN}/a` }], wanted)).toEqual([{ url: `${ORIGIN}/a` }]);
    expect(requests).toEqual([]);
  });

  it.each<Wanted>(['url', undefined])('makes its own link of one that lasts only minutes: %s', async (wanted) => {
    const { apply, stored } = format(false, { linksLastHours: 1 / 6 });
    expect(await apply([{ url: `${ORIGIN}/a` }], wanted)).toEqual([{ url: OWN_LINK }]);
    expect(stored).toHaveLength(1);
  });

  it.each<Wanted>(['url', undefined])('makes its own link of one into a private network: %s', async (wanted) => {
    const { apply, stored } = format(true);
    expect(await apply([{ url: `${ORIGIN}/a`, revised_prompt: 'x' }], wanted)).toEqual([
      { url: OWN_LINK, revised_prompt: 'x' },
    ]);
    expect(stored).toEqual([{ contentType: 'image/png', bytes: BYTES }]);
  });

  it.each([true, false])('leaves base64 to who did not choose, in a private network or not: %s', async (isPrivate) => {
    expect(await format(isPrivate).apply([{ b64_json: 'iVBORw==' }], undefined)).toEqual([{ b64_json: 'iVBORw==' }]);
  });

  it('gives base64 without a link besides it', async () => {
    const pictures = [{ url: `${ORIGIN}/a` }, { url: `${ORIGIN}/b`, b64_json: 'iVBORw==' }];
    expect(await format().apply(pictures, 'b64_json')).toEqual([{ b64_json: 'iVBORw==' }, { b64_json: 'iVBORw==' }]);
  });

  it.each([
    [true, `${ORIGIN}/a`, true],
    [true, 'https://elsewhere.test/a', false],
    [true, 'http://upstream.test/a', false],
    [false, `${ORIGIN}/a`, false],
  ])('reaches private addresses (%s) for %s: %s', async (allowPrivateNetwork, url, expected) => {
    const { apply, requests } = format(allowPrivateNetwork);
    await apply([{ url }], 'b64_json');
    expect(requests).toMatchObject([{ allowPrivateNetwork: expected }]);
  });

  it('fetches one after another, up to 64 MiB together', async () => {
    const { apply, requests } = format();
    const most = { url: `${ORIGIN}/${32 * 1024 * 1024}` };
    expect(await apply([most, most], 'b64_json')).toHaveLength(2);
    await expect(apply([most, most, { url: `${ORIGIN}/1` }], 'b64_json')).rejects.toMatchObject({ status: 502 });
    expect(requests).toHaveLength(5);
  });

  it.each(['ftp://upstream.test/a', 'no link', `${ORIGIN}/a`])(
    'ends the request when %s cannot be fetched, since the picture is paid for',
    async (url) => {
      const error: unknown = await format(false, { fail: true })
        .apply([{ url }], 'b64_json')
        .catch((e: unknown) => e);
      expect(error).toBeInstanceOf(HubError);
      expect(error).toMatchObject({ status: 502, code: 'upstream_invalid_response' });
    },
  );

  it('leaves the verdict on a request that nobody waits for to the run', async () => {
    const { apply } = format(false, { fail: true, isAborted: true });
    await expect(apply([{ url: `${ORIGIN}/a` }], 'b64_json')).rejects.toBeInstanceOf(ProviderError);
  });
});

import { describe, expect, it } from '@jest/globals';
import { type Job, type JobOutput, type JobState, statusOf } from './job.js';
import { presentJob } from './present-job.js';

type Seen = Pick<Job, 'state' | 'progress' | 'error' | 'resultsDeletedAt' | 'request'>;

function view(change: Partial<Seen>, files = 1) {
  const seen: Seen = {
    state: 'succeeded',
    progress: 100,
    error: null,
    resultsDeletedAt: null,
    request: { prompt: 'a cat', count: 1 },
    ...change,
  };
  const outputs = Array.from(
    { length: files },
    (_, place): JobOutput => ({
      place,
      storageKey: `k${place}`,
      upstreamUrl: null,
      contentType: 'video/mp4',
      bytes: 1,
    }),
  );
  return presentJob({ job: seen as Job, outputs }, ({ place }) => `https://hub.example/${place}`);
}

describe('presentJob', () => {
  it.each<[JobState, string]>([
    ['queued', 'queued'],
    ['submitting', 'queued'],
    ['unknown', 'queued'],
    ['accepted', 'queued'],
    ['processing', 'processing'],
    ['fetching', 'processing'],
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
    ['cancelled', 'cancelled'],
  ])('shows %s as %s', (state, status) => {
    expect(statusOf(state)).toBe(status);
    expect(view({ state }, 0).status).toBe(status);
  });

  it('links the result of a job that has succeeded', () => {
    expect(view({})).toEqual({ status: 'succeeded', progress: 100, resultUrl: 'https://hub.example/0' });
  });

  it('lists all results of a job that was asked for several, even if it made one', () => {
    const request = { prompt: 'cats', count: 2 };
    expect(view({ request }, 2)).toMatchObject({
      resultUrl: 'https://hub.example/0',
      results: [{ url: 'https://hub.example/0' }, { url: 'https://hub.example/1' }],
    });
    expect(view({ request }, 1).results).toHaveLength(1);
  });

  it('links nothing that is not kept any more', () => {
    const shown = view({ resultsDeletedAt: new Date(), request: { prompt: 'cats', count: 2 } }, 2);
    expect(shown).toEqual({ status: 'succeeded', progress: 100, resultUrl: null });
  });

  it('links nothing of a job that has not succeeded, and says why it failed', () => {
    const error = { code: 'timeout', message: 'The provider gave the job up.' };
    expect(view({ state: 'processing', progress: 40 })).toEqual({
      status: 'processing',
      progress: 40,
      resultUrl: null,
    });
    expect(view({ state: 'failed', progress: 40, error })).toEqual({
      status: 'failed',
      progress: 40,
      resultUrl: null,
      error,
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Job, JobOffer, JobState } from '../../jobs/job.js';
import { toVideoObject } from './to-video-object.js';

const OFFER: JobOffer = {
  channelId: '1',
  channel: 'main',
  provider: 'kling',
  model: 'kling-v3',
  upstreamModel: 'kling-v3',
  priceVersionId: '1',
  purchaseVersionId: null,
  durationSeconds: 5,
  resolution: '720p',
  hasAudio: false,
  deadlineMs: 1000,
};
const JOB: Job = {
  id: '019ad5b2c3d47e5f8a9b0c1d2e3f4a5b',
  kind: 'video',
  state: 'queued',
  accountId: '1',
  keyId: '1',
  endpoint: 'videos',
  model: 'kling-v3',
  provider: 'kling',
  request: { prompt: 'a cat', count: 1 },
  offers: [OFFER],
  offer: 0,
  refused: [],
  attempt: 0,
  channelId: null,
  taskRef: null,
  outcome: null,
  progress: 5,
  held: 1n,
  multiplierMillionths: 1_000_000n,
  userIdentifier: '',
  metadata: null,
  webhookUrl: null,
  cost: null,
  error: null,
  isCancelRequested: false,
  failures: 0,
  looks: 0,
  version: 1,
  createdAt: new Date('2026-11-26T08:00:00.900Z'),
  sentAt: null,
  acceptedAt: null,
  finishedAt: null,
  deadlineAt: new Date('2026-11-26T09:00:00Z'),
  resultsExpireAt: null,
  resultsDeletedAt: null,
};

describe('a video in the shape of OpenAI', () => {
  it('has every field of its type', () => {
    expect(toVideoObject(JOB)).toEqual({
      id: 'video_019ad5b2c3d47e5f8a9b0c1d2e3f4a5b',
      object: 'video',
      status: 'queued',
      progress: 5,
      model: 'kling-v3',
      prompt: 'a cat',
      seconds: '5',
      size: '1280x720',
      created_at: 1795680000,
      completed_at: null,
      expires_at: null,
      error: null,
      remixed_from_video_id: null,
    });
  });

  it.each<[JobState, string]>([
    ['queued', 'queued'],
    ['submitting', 'queued'],
    ['unknown', 'queued'],
    ['accepted', 'queued'],
    ['processing', 'in_progress'],
    ['fetching', 'in_progress'],
    ['succeeded', 'completed'],
    ['failed', 'failed'],
    ['cancelled', 'failed'],
  ])('is, when %s, %s', (state, status) => {
    expect(toVideoObject({ ...JOB, state }).status).toBe(status);
  });

  it('says when it was done and until when its file is kept', () => {
    const finishedAt = new Date('2026-11-26T08:05:00Z');
    const resultsExpireAt = new Date('2026-12-03T08:05:00Z');
    expect(toVideoObject({ ...JOB, state: 'succeeded', finishedAt, resultsExpireAt })).toMatchObject({
      completed_at: 1795680300,
      expires_at: 1796285100,
    });
  });

  it('says why there is none', () => {
    const error = { code: 'content_policy_violation', message: 'Refused.' };
    expect(toVideoObject({ ...JOB, state: 'failed', error }).error).toEqual(error);
    expect(toVideoObject({ ...JOB, state: 'cancelled' }).error).toMatchObject({ code: 'cancelled' });
  });

  it.each([
    ['what was asked for', { prompt: 'a', count: 1, size: '1792x1024' }, '1024p', '1792x1024'],
    ['that of its aspect ratio', { prompt: 'a', count: 1, aspectRatio: '9:16' }, '1080p', '1080x1920'],
    ['the name of a resolution without numbers', { prompt: 'a', count: 1 }, 'hd', 'hd'],
  ])('has as its size %s', (_, request, resolution, size) => {
    expect(toVideoObject({ ...JOB, request, offers: [{ ...OFFER, resolution }] }).size).toBe(size);
  });
});

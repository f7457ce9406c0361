import { vertex } from '../../../src/providers/adapters/vertex/vertex.provider.js';
import { SIMULATED } from '../../simulators/vertex/vertex.simulator.js';
import { describeVideoProvider } from './describe-video-provider.js';

const PARENT = 'projects/p1/locations/us-central1/publishers/google/models/veo-3.1-generate-001/operations';
const NAME = `${PARENT}/0a1b`;

const done = (videos: unknown) => ({ name: NAME, done: true, response: { videos } });

describeVideoProvider(
  { ...vertex, baseUrl: 'https://us-central1-aiplatform.googleapis.com/v1/projects/p1/locations/us-central1' },
  {
    models: ['veo-3.1-generate-001', 'veo-3.1-fast-generate-001', 'veo-3.0-generate-001', 'veo-2.0-generate-001'],
    dialects: [
      {
        name: 'Veo',
        model: 'veo-3.1-generate-001',
        ref: { model: 'veo-3.1-generate-001', name: NAME },
        submitText: (id) => JSON.stringify({ name: `${PARENT}/${id}` }),
        statusBody: (word) =>
          ({
            running: { name: NAME },
            done: done([{ bytesBase64Encoded: 'AAAAGGZ0eXBtcDQy', mimeType: 'video/mp4' }]),
            error: { name: NAME, done: true, error: { code: 13 } },
          })[word],
        words: { running: 'processing', done: 'succeeded', error: 'failed' },
        hasWords: false,
        withoutResult: [
          done(null),
          done([]),
          done([{}]),
          done([{ bytesBase64Encoded: '' }]),
          done([{ gcsUri: 'gs://bucket/sample_0.mp4' }]),
          { name: NAME, done: true },
          { done: 'yes' },
        ],
        hasQueue: false,
      },
    ],
    simulator: SIMULATED,
  },
);

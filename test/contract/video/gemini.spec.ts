import { gemini } from '../../../src/providers/adapters/gemini/gemini.provider.js';
import { SIMULATED } from '../../simulators/gemini/gemini.simulator.js';
import { describeVideoProvider } from './describe-video-provider.js';

const FILE = '/files/x1:download?alt=media';
const URI = `https://generativelanguage.googleapis.com/v1beta${FILE}`;
const NAME = 'models/veo-3.1-generate-preview/operations/abc';

const interaction = (status: string, content: unknown = [{ type: 'video', uri: URI, mime_type: 'video/mp4' }]) => ({
  id: 'v1_abc',
  status,
  steps: [{ type: 'model_output', content }],
  usage: { output_tokens_by_modality: [{ modality: 'video', tokens: 46_336 }] },
});
const done = (generatedSamples: unknown) => ({
  name: NAME,
  done: true,
  response: { generateVideoResponse: { generatedSamples } },
});

describeVideoProvider(gemini, {
  models: [
    'gemini-omni-1.1-flash',
    'gemini-omni-1.2-flash',
    'veo-3.1-generate-preview',
    'veo-3.1-fast-generate-preview',
  ],
  dialects: [
    {
      name: 'Omni',
      model: 'gemini-omni-1.1-flash',
      ref: { dialect: 'omni', id: 'v1_abc' },
      submitText: (id) => JSON.stringify({ id, status: 'in_progress' }),
      statusBody: (word) => interaction(word),
      words: {
        queued: 'queued',
        in_progress: 'processing',
        completed: 'follow',
        failed: 'failed',
        cancelled: 'cancelled',
        incomplete: 'failed',
        requires_action: 'failed',
        budget_exceeded: 'failed',
      },
      withoutResult: [
        interaction('completed', null),
        interaction('completed', []),
        interaction('completed', [{ type: 'video', uri: '' }]),
        interaction('completed', [{ type: 'text', text: URI }]),
        interaction(''),
      ],
    },
    {
      name: 'Veo',
      model: 'veo-3.1-generate-preview',
      ref: { dialect: 'veo', name: NAME },
      submitText: (id) => JSON.stringify({ name: `models/veo-3.1-generate-preview/operations/${id}` }),
      statusBody: (word) =>
        ({
          running: { name: NAME },
          done: done([{ video: { uri: URI } }]),
          error: { name: NAME, done: true, error: { code: 13 } },
        })[word],
      words: { running: 'processing', done: 'follow', error: 'failed' },
      hasWords: false,
      withoutResult: [
        done(null),
        done([]),
        done([{}]),
        done([{ video: { uri: '' } }]),
        { name: NAME, done: true },
        { done: 'yes' },
      ],
      hasQueue: false,
      canCancel: false,
    },
  ],
  simulator: SIMULATED,
});

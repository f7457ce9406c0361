import { createHmac } from 'node:crypto';
import { sandboxProvider } from '../../src/providers/adapters/sandbox/sandbox-provider.js';
import type { VideoModel } from '../../src/providers/canonical/video.js';
import type { Provider } from '../../src/providers/provider.js';

const TOLERANCE_MS = 300_000;
const MODEL: VideoModel = {
  durations: [5],
  durationDefault: 5,
  resolutions: ['720p'],
  resolutionDefault: '720p',
  aspectRatios: [],
  image: 'none',
  hasLastFrame: false,
  imageForms: [],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: false,
  hasSeed: false,
  countMax: 1,
  promptCharsMax: 1000,
  options: [],
};

/** What the signature of a report is, by the scheme of {@link reportingProvider}. */
export function signReport(secret: string, sentAtMs: number, body: string): string {
  return createHmac('sha256', secret).update(`${sentAtMs}.${body}`).digest('hex');
}

/** A provider of videos whose tasks stay where they are, and that signs its reports. @param baseUrl nothing needs to listen there. */
export function reportingProvider(baseUrl: string): Provider {
  return {
    ...sandboxProvider(baseUrl),
    id: 'reporting',
    video: {
      defaultModel: 'reporting-1',
      modelOf: () => MODEL,
      toSubmit: () => ({ method: 'POST', path: '/tasks' }),
      fromSubmit: () => ({ id: 'task-1' }),
      toStatus: (ref) => ({ method: 'GET', path: `/tasks/${ref['id']}` }),
      fromStatus: () => ({ state: 'processing' }),
      callback: {
        isGenuine: (secret, headers, body, nowMs) => {
          const sentAtMs = Number(headers['x-sent-at']);
          if (!(Math.abs(nowMs - sentAtMs) <= TOLERANCE_MS)) return false;
          return headers['x-signature'] === signReport(secret, sentAtMs, Buffer.from(body).toString());
        },
        read: (body) => {
          const { task, state } = JSON.parse(Buffer.from(body).toString()) as { task?: string; state?: string };
          return task === undefined || state === undefined ? undefined : { upstreamId: task };
        },
        idOf: (ref) => String(ref['id']),
      },
    },
  };
}

import { type HubOptions, startHub as startBareHub, type TestHub } from './hub.js';
import { startVideoHub as startBareVideoHub, type VideoHub } from './video-hub.js';

/** A hub with its admin API. */
export function startHub(options: HubOptions = {}): Promise<TestHub> {
  return startBareHub({ ...options, env: { HUB_ADMIN: 'on', ...options.env } });
}

/** A hub that makes videos, with its admin API. */
export function startVideoHub(env: Readonly<Record<string, string>> = {}): Promise<VideoHub> {
  return startBareVideoHub({ HUB_ADMIN: 'on', ...env });
}

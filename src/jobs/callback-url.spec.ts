import { parseSettings } from '../config/parse-settings.js';
import { callbackUrlOf } from './callback-url.js';

const settings = parseSettings({ HUB_PUBLIC_URL: 'https://hub.example/base/' });

describe('callbackUrlOf', () => {
  it('is below the public address', () => {
    expect(callbackUrlOf(settings, { name: 'kling main', callbackSecret: 'whsec_x' })).toBe(
      'https://hub.example/base/api/callbacks/kling%20main',
    );
  });

  it.each([undefined, ''])('is none for a channel with the secret %j', (callbackSecret) => {
    expect(callbackUrlOf(settings, { name: 'main', callbackSecret })).toBeUndefined();
  });
});

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { startVideoHub, type VideoHub } from '../support/video-hub.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

// From the submission of a job to the message about its end; what messages promise is in webhooks.spec.ts.

let rig: VideoHub;
let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startWebhookReceiver();
  rig = await startVideoHub({ HUB_WEBHOOK_ALLOW_PRIVATE: 'true' });
});
afterAll(async () => {
  await rig.close();
  await receiver.close();
});

it.each(['video', 'image'] as const)(
  'a job of kind %s that names a webhook is reported there, with a link that works',
  async (kind) => {
    receiver.received.length = 0;
    const model = kind === 'image' ? { model: 'gpt-image-1' } : {};
    const body = { prompt: 'a cat', ...model, metadata: { order: '17' }, webhookUrl: `${receiver.url}/hook` };
    const jobId = await rig.submit(body, kind);
    const [message] = await until(() => receiver.received.length > 0 && receiver.received);
    const seen = JSON.parse(message?.body.toString() ?? '') as { data: { resultUrl: string } };
    expect(seen).toMatchObject({
      type: `${kind}.succeeded`,
      data: { jobId, status: 'succeeded', progress: 100, resultUrl: expect.stringMatching(/^http/) },
    });
    expect((await fetch(seen.data.resultUrl)).status).toBe(200);
  },
);

import type { CallKind, Trouble } from '../../simulators/faults.js';
import { CALLBACK_SECRET, Simulator } from '../../simulators/simulator.js';
import { receiveCallbacks } from './receive-callbacks.js';
import { SimulatedUpstream } from './simulated-upstream.js';
import type { TaskSubject } from './task-subject.js';
import type { VideoContract } from './video-contract.js';
import { EXTERNAL_ID, targetOf } from './video-request.js';

const CREATE: readonly CallKind[] = ['create'];
const LATE_MS = 10 * 60 * 1000;

/** Callbacks that a vendor signs. */
export function describeCallback<Request extends { readonly callbackUrl?: string }>(
  subject: TaskSubject<Request>,
  contract: VideoContract,
): void {
  const { simulator: vendor, dialects, toCallbackSecret = (secret: string) => secret } = contract;
  const { isCallbackBodySigned = true } = contract;
  const { callback } = subject.operation;
  const secret = toCallbackSecret(CALLBACK_SECRET);
  if (callback === undefined) return;

  describe.each(dialects)('callbacks, $name', ({ model }) => {
    const receive = async (...faults: Trouble[]) => {
      const simulator = await Simulator.start(vendor);
      await using receiver = await receiveCallbacks();
      try {
        simulator.obey({ progression: { by: 'hand' }, faults: faults.map((fault) => ({ fault, calls: CREATE })) });
        const upstream = new SimulatedUpstream(subject, simulator, vendor.credential);
        const request = { ...subject.requestFor(model), callbackUrl: receiver.url };
        const ref = await upstream.submit(request, targetOf(model));
        // Some vendors tell only of the end.
        for (const { id } of simulator.tasks.list()) simulator.tasks.advance(id, 'succeeded');
        return { ref, message: await receiver.next(), url: receiver.url };
      } finally {
        await simulator.close();
      }
    };

    it('are genuine when they are signed, about the task that was submitted', async () => {
      const { ref, message, url } = await receive();
      const { headers, body } = message;
      expect(callback.isGenuine(secret, headers, body, Date.now(), url)).toBe(true);
      expect(callback.read(body)).toMatchObject({ upstreamId: callback.idOf(ref) });
      expect([undefined, EXTERNAL_ID]).toContain(callback.read(body)?.externalId);
    });

    it('are not when anything about them is wrong', async () => {
      const { message, url } = await receive();
      const { headers, body } = message;
      const now = Date.now();
      const changed = Buffer.from(String(body).replace(/.$/s, ' }'));
      if (isCallbackBodySigned) expect(callback.isGenuine(secret, headers, changed, now, url)).toBe(false);
      else expect(callback.isGenuine(secret, headers, body, now, `${url}elsewhere`)).toBe(false);
      expect(callback.isGenuine(secret, {}, body, now, url)).toBe(false);
      expect(callback.isGenuine('', headers, body, now, url)).toBe(false);
      expect(callback.isGenuine('whsec_', headers, body, now, url)).toBe(false);
      expect(callback.isGenuine(secret, headers, body, now + LATE_MS, url)).toBe(false);
      expect(callback.isGenuine(secret, headers, body, now - LATE_MS, url)).toBe(false);
      const garbled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}x`]));
      expect(callback.isGenuine(secret, garbled, body, now, url)).toBe(false);
    });

    it('are not when somebody else signed them', async () => {
      const { message, url } = await receive('forged_callback');
      expect(callback.isGenuine(secret, message.headers, message.body, Date.now(), url)).toBe(false);
    });

    it.each(['', 'no', 'null', '[]', '{}', '{"task_id":7}'])('say nothing of a task in %s', (body) => {
      expect(callback.read(Buffer.from(body))).toBeUndefined();
    });
  });
}

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { checkPort } from './check-port.js';
import { parseSettings } from './config/parse-settings.js';
import { canSharePort, lockPort } from './port-sharing.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;
const SETTINGS = {
  DATABASE_URL: 'postgres://h/d',
  HUB_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
};

onLinux('the port of several workers', () => {
  it('is shared by several workers, and by them only', () => {
    expect(canSharePort(parseSettings({ ...SETTINGS, HUB_WORKERS: '2' }))).toBe(true);
    expect(canSharePort(parseSettings(SETTINGS))).toBe(false);
  });

  it('is not shared where each would get one of its own', () => {
    expect(canSharePort(parseSettings({ ...SETTINGS, HUB_WORKERS: '2', PORT: '0' }))).toBe(false);
  });

  it('is taken for everybody else while workers share it', async () => {
    const [first, second] = [createServer(), createServer()];
    first.listen({ host: '127.0.0.1', port: 0, reusePort: true });
    await once(first, 'listening');
    const { port } = first.address() as AddressInfo;
    second.listen({ host: '127.0.0.1', port, reusePort: true });
    await once(second, 'listening');
    await expect(checkPort({ host: '127.0.0.1', port })).rejects.toThrow(
      `it cannot listen on port ${port} of 127.0.0.1: another process listens there.`,
    );
    for (const worker of [first, second]) worker.close();
  });

  it('belongs to one hub, also while none of its workers lives, until that begins to stop', async () => {
    // Beyond all ports, and for this process alone: only the name matters.
    const place = { host: '127.0.0.1', port: 100_000 + process.pid };
    const givePortBack = await lockPort(place);
    await expect(lockPort(place)).rejects.toThrow(
      `it cannot listen on port ${place.port} of 127.0.0.1: another process listens there. Stop it, or set PORT to another number.`,
    );
    // Another address is another place.
    await lockPort({ ...place, host: '127.0.0.2' });
    givePortBack();
    await lockPort(place);
  });
});

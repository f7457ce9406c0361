import { startHubProcess } from '../support/hub-process.js';

describe('a hub process', () => {
  it('serves its health, in exactly the documented shape', async () => {
    const hub = await startHubProcess();
    const answer = await fetch(`${hub.url}/api/health`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('{"status":"ok","checks":{"db":"ok","redis":"disabled"}}');
    expect(hub.rssBytes()).toBeGreaterThan(50 * 1024 * 1024);
    expect(await hub.stop()).toMatchObject({ code: 0, signal: null });
  });
});

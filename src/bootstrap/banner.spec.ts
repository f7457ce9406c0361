import { renderBanner, renderSecrets } from './banner.js';

const URL = 'https://hub.example';
const FIRST = {
  adminEmail: 'admin@localhost',
  quotaUnits: 10_000n,
  generatedPassword: 'pass-word',
  generatedApiKey: 'sk_live_x',
};
const REPORT = { models: ['gpt-4', 'dall-e-3'], isSandboxOn: false, notes: [] };

describe('renderBanner', () => {
  it('shows on the first start what was generated, ready to paste', () => {
    expect(renderBanner({ ...REPORT, firstStart: FIRST }, URL)).toBe(`
  UG AI Hub is running at https://hub.example
  Documentation: https://hub.example/docs

  First start. The account "default" has 10000 quota units.
  Administrator: admin@localhost
  Password:      pass-word
  API key:       sk_live_x
  Keep these now: they are not shown again.

  Chat:
  curl https://hub.example/api/relay/v1/chat/completions -H "Authorization: Bearer sk_live_x" -H "Content-Type: application/json" -d '{"model":"gpt-4","messages":[{"role":"user","content":"Hello!"}]}'

  Chat, streamed:
  curl -N https://hub.example/api/relay/v1/chat/completions -H "Authorization: Bearer sk_live_x" -H "Content-Type: application/json" -d '{"model":"gpt-4","messages":[{"role":"user","content":"Hello!"}],"stream":true}'

  Health:
  curl https://hub.example/api/health
`);
  });

  it('shows a call for a video where that is all that is served', () => {
    const banner = renderBanner({ ...REPORT, models: ['kling-v2-6'] }, URL);
    expect(banner).toContain(
      `/api/video/submit -H "Authorization: Bearer $HUB_API_KEY" -H "Content-Type: application/json" -d '{"model":"kling-v2-6",`,
    );
    expect(banner).not.toContain('chat/completions');
  });

  it('leaves out what the environment supplied', () => {
    const banner = renderBanner({ ...REPORT, firstStart: { adminEmail: 'a@b.c', quotaUnits: 0n } }, URL);
    expect(banner).toContain('Password:      as set in HUB_ADMIN_PASSWORD');
    expect(banner).toContain('API key:       as set in HUB_API_KEY');
    expect(banner).toContain('Bearer $HUB_API_KEY"');
    expect(banner).not.toContain('not shown again');
  });

  it('shows no secret on a later start', () => {
    const banner = renderBanner(REPORT, URL);
    expect(banner).toContain('Bearer $HUB_API_KEY"');
    expect(banner).not.toMatch(/Password|Administrator|sk_live_/);
  });

  it('says that answers are invented, and what else there is to know', () => {
    const banner = renderBanner({ ...REPORT, isSandboxOn: true, notes: ['Mind this.'] }, URL);
    expect(banner).toContain('Sandbox: ');
    expect(banner).toContain('Mind this.');
  });

  it('does not suggest a call that cannot work', () => {
    const banner = renderBanner({ ...REPORT, models: [] }, URL);
    expect(banner).toContain('No model is served yet');
    expect(banner).not.toContain('chat/completions');
    expect(banner).toContain('curl https://hub.example/api/health');
  });

  it('quotes a model name that would end the shell string', () => {
    expect(renderBanner({ ...REPORT, models: ["it's"] }, URL)).toContain(`{"model":"it'\\''s",`);
  });
});

describe('renderSecrets', () => {
  it('is the part of the banner that must not be lost', () => {
    const secrets = renderSecrets({ ...REPORT, firstStart: FIRST });
    expect(secrets).toContain('Password:      pass-word\n  API key:       sk_live_x\n');
    expect(renderBanner({ ...REPORT, firstStart: FIRST }, URL)).toContain(secrets);
  });

  it('is empty when nothing was generated', () => {
    expect(renderSecrets(REPORT)).toBe('');
    expect(renderSecrets({ ...REPORT, firstStart: { adminEmail: 'a@b.c', quotaUnits: 0n } })).toBe('');
  });
});

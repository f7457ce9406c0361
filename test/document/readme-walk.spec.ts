import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../support/find-program.js';
import { type HubProcess, launch, startHubProcess } from '../support/hub-process.js';
import { PROJECT_ROOT } from '../support/processes.js';
import { describeWithServer } from '../support/server-suite.js';

const PASSWORD = 'the password of the walk';

/** The commands of the section on the admin API, as somebody pastes them. */
function walkOf(file: string, title: string): string {
  const text = readFileSync(join(PROJECT_ROOT, file), 'utf8');
  const section = text.slice(text.indexOf(title)).split(/^## /m)[1] ?? '';
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block).join('\n');
}

describeWithServer('curl', findProgram('curl'), 'the walk through the admin API in the README', () => {
  let hub: HubProcess;
  beforeAll(async () => {
    hub = await startHubProcess({ env: { HUB_ADMIN: 'on', HUB_ADMIN_PASSWORD: PASSWORD } });
  });
  afterAll(async () => void (await hub.stop()));

  it('is the same in both languages', () => {
    const walk = walkOf('README.md', '## The admin API in one walk');
    expect(walk.length).toBeGreaterThan(1000);
    expect(walkOf('README.zh.md', '## 用管理 API 走一遍')).toBe(walk);
  });

  it('works as it is when pasted into a shell, to the unit and to the end', async () => {
    const env = { HUB: hub.url, HUB_ADMIN_PASSWORD: PASSWORD };
    const shell = launch(['bash', '-e', '-c', walkOf('README.md', '## The admin API in one walk')], env);
    expect([(await shell.ended).code, shell.stderr()]).toEqual([0, '']);
    const answers = shell
      .stdout()
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => line.replaceAll('}{', '}\n{').split('\n'))
      .map((line) => JSON.parse(line));
    const [granted, model, route, price, chat, redeemed, figures, revoked, refused, log] = answers;
    expect(granted.data.grantQuota.account.balance).toEqual({ remaining: '5' });
    expect([model, route, price].filter(({ errors }) => errors !== undefined)).toEqual([]);
    expect(redeemed).toMatchObject({ success: true, data: { addedQuota: 2000, totalQuota: 7000 } });
    // 2.5 credits per million tokens of the prompt and 10 per million of the answer: in millionths of a credit, times ten.
    const { prompt_tokens: input, completion_tokens: output } = chat.usage;
    const tenths = input * 25 + output * 100;
    const { balance } = figures.data.account;
    expect(Math.round(Number(balance.used) * 10_000_000)).toBe(tenths);
    expect(figures.data.requests.nodes).toEqual([
      { model: 'my-model', outcome: expect.any(String), cost: balance.used },
    ]);
    expect(balance.total).toBe('7');
    expect(revoked.data.revokeApiKey.state).toBe('REVOKED');
    expect(refused).toMatchObject({ success: false, code: 'key_revoked' });
    const actions = log.data.auditLog.nodes.map(({ action }: { action: string }) => action);
    expect(actions).toEqual([
      'apiKey.revoke',
      'redemptionBatch.download',
      'redemptionBatch.create',
      'price.set',
      'route.create',
      'model.create',
      'channel.create',
      'apiKey.create',
      'quota.grant',
      'account.create',
    ]);
  });
});

import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HUB_COMMAND, type HubProcess, startHubProcess, temporaryFolder } from '../support/hub-process.js';
import { until } from '../support/until.js';
import { askChat, requestLines } from './hub-calls.js';

const [node = '', main = ''] = HUB_COMMAND;
const DIST = join(dirname(main), '..');

/** A vendor that nobody has: its own words both ways, no stream, its own error shape. It is all that the hub learns of it. */
const ACME = `
import { defineProvider } from '../../define-provider.js';
import { ProviderError } from '../../canonical/provider-error.js';

const encode = (value) => Buffer.from(JSON.stringify(value));

export const acme = defineProvider({
  id: 'acme',
  name: 'Acme',
  auth: (credential) => ({ 'x-acme': credential }),
  defaultModels: [],
  chat: {
    path: '/say',
    toBody: (request, target) => ({
      body: encode({ engine: target.upstreamModel, lines: request.source.value.messages.map(({ content }) => content) }),
      droppedParams: [],
      isStream: false,
    }),
    fromBody: (body, target) => {
      const { said, cost } = JSON.parse(Buffer.from(body).toString());
      const completion = {
        id: 'acme-1', object: 'chat.completion', created: 0, model: target.publicModel,
        choices: [{ index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' }],
        usage: { prompt_tokens: cost[0], completion_tokens: cost[1], total_tokens: cost[0] + cost[1] },
      };
      return { bytes: encode(completion), completion, usage: { inputTokens: cost[0], outputTokens: cost[1] } };
    },
    openStream: () => ({ push: () => [] }),
  },
  toError: ({ status, body }) => new ProviderError({ kind: 'overloaded', status, message: Buffer.from(body).toString() }),
});
`;

let acme: Server;
let hub: HubProcess;
const asked: unknown[] = [];

beforeAll(async () => {
  acme = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(parts).toString());
      asked.push({ path: request.url, key: request.headers['x-acme'], body });
      response.setHeader('content-type', 'application/json');
      response.end('{"said":"Acme says hello.","cost":[7,4]}');
    });
  });
  await new Promise<void>((resolve) => acme.listen(0, '127.0.0.1', resolve));
  const { port } = acme.address() as AddressInfo;
  hub = await startHubProcess({
    command: [node, installWithAcme()],
    config: [
      'channels:',
      '  - { id: main, provider: acme, baseUrl: "http://127.0.0.1:PORT/v9", apiKey: acme-credential, allowPrivateNetwork: true, models: { talk: "engine-1" } }',
      'models:',
      '  - { id: talk, price: { inputPerMillion: "1", outputPerMillion: "2" } }',
      '',
    ]
      .join('\n')
      .replace('PORT', String(port)),
  });
});
afterAll(() => new Promise((resolve) => acme.close(resolve)));

describe('a vendor that was not there when the hub was built', () => {
  it('is served by adding its folder, and nothing else', async () => {
    const answer = await askChat(hub, { model: 'talk' });
    expect(answer.status).toBe(200);
    const body = await answer.json();
    expect(body).toMatchObject({
      model: 'talk',
      choices: [{ message: { content: 'Acme says hello.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 7, completion_tokens: 4 },
    });
    expect(asked).toEqual([
      { path: '/v9/say', key: 'acme-credential', body: { engine: 'engine-1', lines: ['Hello'] } },
    ]);
    const line = await until(() => requestLines(hub).find(({ model }) => model === 'talk'));
    expect(line).toMatchObject({ outcome: 'done', inputTokens: 7, outputTokens: 4 });
  });
});

/** A copy of the compiled hub with one more folder among the adapters. @returns its main file. */
function installWithAcme(): string {
  const folder = temporaryFolder();
  cpSync(DIST, join(folder, 'dist'), { recursive: true });
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(DIST, '..', name), join(folder, name));
  const adapter = join(folder, 'dist', 'src', 'providers', 'adapters', 'acme');
  mkdirSync(adapter);
  writeFileSync(join(adapter, 'acme.provider.js'), ACME);
  return join(folder, 'dist', 'src', 'main.js');
}

import { generateKeyPairSync } from 'node:crypto';
import { VENDORS } from './vendors.js';

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const ACCOUNT = { type: 'service_account', client_email: 'a@b.test', private_key: PEM, token_uri: 'https://t.test' };
const GOOGLE = 'aiplatform.googleapis.com';

function providerOf(id: string) {
  const provider = VENDORS.find((vendor) => vendor.id === id);
  if (provider === undefined) throw new Error(`There is no provider ${id}.`);
  return provider;
}

describe('what a vendor says of a base URL', () => {
  it.each([
    ['azure-openai', 'https://r.openai.azure.com/openai/deployments/d', 'that of the resource'],
    ['azure-openai', 'https://r.openai.azure.com/openai/deployments/d/chat/completions', 'that of the resource'],
    ['bedrock', 'https://bedrock.eu-west-1.amazonaws.com', 'runtime and its region'],
    ['bedrock', 'https://bedrock-runtime.amazonaws.com', 'runtime and its region'],
    ['vertex', `https://us-central1-${GOOGLE}`, 'project and location'],
    ['vertex', `https://${GOOGLE}/v1/projects/p`, 'project and location'],
  ])('%s: %s must be %s', (id, url, rule) => {
    expect(providerOf(id).checkBaseUrl?.(url)).toContain(rule);
  });

  it.each([
    ['azure-openai', 'https://r.openai.azure.com'],
    ['azure-openai', 'https://r.openai.azure.com/openai/v1'],
    ['azure-openai', 'https://proxy.test/deployments/blue'],
    ['bedrock', 'https://bedrock-runtime.eu-west-1.amazonaws.com'],
    ['bedrock', 'https://bedrock-runtime.cn-north-1.amazonaws.com.cn'],
    ['bedrock', 'https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com'],
    ['bedrock', 'https://proxy.test/aws'],
    ['bedrock', 'https://llm-proxy-123.eu-west-1.elb.amazonaws.com'],
    ['bedrock', 'https://a1b2c3.execute-api.us-east-1.amazonaws.com/bedrock'],
    ['vertex', `https://us-central1-${GOOGLE}/v1/projects/p/locations/us-central1`],
    ['vertex', `https://${GOOGLE}/v1beta1/projects/p/locations/global`],
    ['vertex', `https://${GOOGLE}/v1`],
    // With an API key.
    ['vertex', `https://us-central1-${GOOGLE}/v1`],
    ['vertex', 'https://proxy.test'],
  ])('%s: nothing of %s', (id, url) => {
    expect(providerOf(id).checkBaseUrl?.(url)).toBeUndefined();
  });
});

describe('what a vendor says of a credential', () => {
  it.each([
    ['bedrock', 'AKIAIOSFODNN7EXAMPLE', 'ACCESS_KEY_ID:SECRET_ACCESS_KEY'],
    ['bedrock', 'AKIAIOSFODNN7EXAMPLE:', 'ACCESS_KEY_ID:SECRET_ACCESS_KEY'],
    ['bedrock', 'ASIAIOSFODNN7EXAMPLE:secret', ':SESSION_TOKEN'],
    ['jimeng', 'only-one', 'ACCESS_KEY:SECRET_KEY'],
    ['kling', 'access:', 'ACCESS_KEY:SECRET_KEY'],
    ['vertex', './key.json', 'not its name'],
    ['vertex', '{"type":"service_account"}', '"client_email"'],
    ['vertex', '{"type":"authorized_user"}', 'not one of a service account'],
    ['vertex', '{broken', 'not valid JSON'],
    ['vertex', JSON.stringify({ ...ACCOUNT, private_key: 'x' }), 'no RSA key'],
  ])('%s: %s must be %s', (id, credential, rule) => {
    const problem = providerOf(id).checkCredential?.(credential);
    expect(problem).toMatch(/^must be/);
    expect(problem).toContain(rule);
  });

  it.each([
    ['bedrock', 'bedrock-api-key-0123'],
    ['bedrock', 'AKIAIOSFODNN7EXAMPLE:secret'],
    ['bedrock', 'ASIAIOSFODNN7EXAMPLE:secret:token'],
    ['jimeng', 'access:secret'],
    ['kling', 'api-key'],
    ['kling', 'access:secret'],
    ['vertex', 'AIzaKey'],
    ['vertex', 'ya29.token'],
    ['vertex', JSON.stringify(ACCOUNT)],
  ])('%s: nothing of %s', (id, credential) => {
    expect(providerOf(id).checkCredential?.(credential)).toBeUndefined();
  });
});

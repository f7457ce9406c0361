import { generateKeyPairSync } from 'node:crypto';
import type { ForeignRows } from './foreign-databases.js';

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });

/** A key file of a service account, as Google gives it out. Its key is made for the test. */
export function keyFile(project: string): string {
  return JSON.stringify(
    {
      type: 'service_account',
      project_id: project,
      private_key_id: '0123456789abcdef',
      private_key: PEM,
      client_email: `hub@${project}.iam.gserviceaccount.com`,
      client_id: '1',
      auth_uri: 'https://accounts.google.com/o/oauth2/auth',
      token_uri: 'https://oauth2.googleapis.com/token',
      universe_domain: 'googleapis.com',
    },
    null,
    2,
  );
}

const users = [{ id: 1, username: 'ann', password: 'x', quota: 0, aff_code: 'a' }];

/** Channels of new-api at vendors that the hub has providers of its own for, as its pages store them. */
export function cloudsOfNewApi(): ForeignRows {
  return {
    users,
    channels: [
      {
        ...{ id: 1, type: 3, key: 'azure-credential-1\nazure-credential-2\nazure-credential-3', name: 'azure' },
        ...{ base_url: 'https://res.openai.azure.com', other: '2024-12-01-preview', created_time: 1_770_000_000 },
        ...{ models: 'gpt-4.1,o3', model_mapping: '{"o3":"my-o3"}', group: 'default,vip', priority: 7, weight: 20 },
        ...{ settings: '{"azure_responses_version":"preview"}' },
        channel_info:
          '{"is_multi_key":true,"multi_key_size":3,"multi_key_status_list":{"1":2},"multi_key_mode":"polling"}',
      },
      {
        ...{ id: 2, type: 33, name: 'aws', models: 'claude-sonnet-4-5-20250929,claude-old' },
        key: 'AKIAEXAMPLE1|aws-secret-1|us-east-1\nAKIAEXAMPLE2|aws-secret-2|eu-west-1\nbroken',
        model_mapping: '{"claude-old":"claude-3-haiku-20240307"}',
        settings: '{"aws_key_type":"ak_sk"}',
      },
      {
        ...{
          id: 3,
          type: 41,
          name: 'vertex',
          key: keyFile('proj-one'),
          models: 'gemini-2.5-pro,claude-opus-4-1-20250805',
        },
        ...{
          other: '{"claude-opus-4-1-20250805":"us-east5","default":"global"}',
          settings: '{"vertex_key_type":"json"}',
        },
      },
      {
        id: 4,
        type: 24,
        name: 'gemini',
        key: 'AIza-gemini-credential',
        models: 'gemini-2.5-flash,gemini-2.5-flash-nothinking',
        other: 'v1beta',
      },
      { id: 5, type: 34, name: 'cohere', key: 'cohere-credential', models: 'command-a-03-2025' },
      { id: 6, type: 50, name: 'kling', key: 'kling-access|kling-secret', models: 'kling-v2-6' },
      { id: 7, type: 51, name: 'jimeng', key: 'jimeng-access|jimeng-secret', models: 'jimeng_t2i_v40' },
      { id: 8, type: 52, name: 'vidu', key: 'vidu-credential', models: 'viduq2' },
      { id: 9, type: 38, name: 'jina', key: 'jina-credential-1', models: 'jina-embeddings-v3', status: 3 },
      {
        id: 10,
        type: 39,
        name: 'workers',
        key: 'cloudflare-token-1',
        other: 'account1',
        models: '@cf/meta/llama-3.1-8b',
      },
      {
        id: 11,
        type: 36,
        name: 'songs',
        key: 'suno-credential',
        base_url: 'https://suno.example',
        models: 'suno_music',
      },
      { id: 12, type: 41, name: 'nowhere', key: 'no key file', other: 'us-east5', models: 'gemini-2.5-pro' },
      { id: 13, type: 999, name: 'future', key: 'sk-future', models: 'm' },
    ],
    options: [
      { key: 'ModelPrice', value: '{"jimeng_t2i_v40":0.03,"viduq2":0.2}' },
      { key: 'ModelRatio', value: '{"claude-sonnet-4-5-20250929":1.5}' },
      { key: 'CacheRatio', value: '{"claude-sonnet-4-5-20250929":0.1}' },
      { key: 'CreateCacheRatio', value: '{"claude-sonnet-4-5-20250929":1.25}' },
      { key: 'GroupRatio', value: '{"default":1}' },
    ],
  };
}

/** The same kinds in one-api, which keeps the parts of a key in `config`. */
export function cloudsOfOneApi(): ForeignRows {
  const adc = keyFile('proj-two');
  return {
    users,
    channels: [
      {
        ...{ id: 1, type: 3, name: 'azure', key: 'azure-credential-1', base_url: 'https://old.openai.azure.com' },
        ...{ models: 'gpt-3.5-turbo', config: '{"api_version":"2024-03-01-preview"}' },
      },
      {
        ...{
          id: 2,
          type: 33,
          name: 'aws',
          key: 'AKIAEXAMPLE3|aws-secret-3|us-west-2',
          models: 'claude-3-haiku-20240307',
        },
        config: '{"region":"us-west-2","sk":"aws-secret-3","ak":"AKIAEXAMPLE3"}',
      },
      {
        ...{
          id: 3,
          type: 42,
          name: 'vertex',
          key: `us-east5|proj-two|${adc}`,
          models: 'claude-3-5-sonnet-v2@20241022',
        },
        config: JSON.stringify({ region: 'us-east5', vertex_ai_project_id: 'proj-two', vertex_ai_adc: adc }),
      },
      { id: 4, type: 24, name: 'gemini', key: 'AIza-gemini-credential', models: 'gemini-2.0-flash' },
      { id: 5, type: 38, name: 'deepl', key: 'deepl-credential', models: 'deepl-zh' },
    ],
  };
}

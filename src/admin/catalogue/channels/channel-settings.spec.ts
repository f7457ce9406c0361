import type { StoredChannel } from '../../../channels/stored-channel.js';
import { bedrock } from '../../../providers/adapters/bedrock/bedrock.provider.js';
import type { CreateChannelInput, UpdateChannelInput } from './channel.input.js';
import { checkChannelChange, checkNewChannel } from './channel-settings.js';

const INPUT: CreateChannelInput = {
  name: 'aws',
  provider: 'bedrock',
  allowPrivateNetwork: false,
  priority: 0,
  weight: 1,
  isEnabled: true,
  credential: 'AKIAIOSFODNN7EXAMPLE:secret',
};

describe('checkNewChannel', () => {
  it.each<[string, Partial<CreateChannelInput>]>([
    ['baseUrl', { baseUrl: 'https://bedrock.eu-west-1.amazonaws.com' }],
    ['credential', { credential: 'AKIAIOSFODNN7EXAMPLE' }],
    ['credentials[1]', { credential: undefined, credentials: ['an-api-key', 'AKIAIOSFODNN7EXAMPLE'] }],
  ])('names %s when the vendor says that it cannot be right', (param, input) => {
    expect(() => checkNewChannel({ ...INPUT, ...input }, bedrock)).toThrow(
      expect.objectContaining({ status: 400, param, message: expect.stringContaining(`"${param}" must`) }),
    );
  });

  it('quotes no credential', () => {
    const secret = 'AKIAIOSFODNN7EXAMPLE';
    expect(() => checkNewChannel({ ...INPUT, credential: secret }, bedrock)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    );
  });

  it('takes what the vendor finds nothing wrong with', () => {
    expect(checkNewChannel(INPUT, bedrock).secrets.credentials).toEqual([INPUT.credential]);
  });
});

describe('checkChannelChange', () => {
  const stored: StoredChannel = {
    id: '1',
    name: 'aws',
    provider: 'bedrock',
    baseUrl: 'https://bedrock.eu-west-1.amazonaws.com',
    hasCredential: true,
    credentialLast4: null,
    hasCallbackSecret: false,
    allowPrivateNetwork: true,
    priority: 0,
    weight: 1,
    tasksMax: null,
    concurrencyMax: null,
    isEnabled: true,
    managedBy: null,
    version: 1,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    removedAt: null,
  };
  const change = (input: Partial<UpdateChannelInput>) =>
    checkChannelChange({ id: '1', version: 1, ...input }, stored, bedrock).settings;

  it.each<[string, Partial<UpdateChannelInput>]>([
    ['nothing is said of it', { priority: 5 }],
    ['it is sent again as it is', { priority: 5, baseUrl: 'https://bedrock.eu-west-1.amazonaws.com/' }],
  ])('leaves a stored address that would be refused now alone where %s', (_how, input) => {
    expect(change(input)).toMatchObject({ priority: 5, baseUrl: stored.baseUrl });
  });

  it.each<[string, Partial<UpdateChannelInput>]>([
    ['another address', { baseUrl: 'https://bedrock.us-east-1.amazonaws.com' }],
    ['another network rule', { allowPrivateNetwork: false }],
  ])('judges the address with %s', (_what, input) => {
    expect(() => change(input)).toThrow(expect.objectContaining({ status: 400, param: 'baseUrl' }));
  });
});

import { bedrock } from '../../../providers/adapters/bedrock/bedrock.provider.js';
import type { CreateChannelInput } from './channel.input.js';
import { checkNewChannel } from './channel-settings.js';

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

import { ProviderError } from '../providers/canonical/provider-error.js';
import { toCallerError } from './to-caller-error.js';

const SECRETS = ['plain_secret', 'upstream:9000'];

const blamed = (details: { readonly param?: string; readonly code?: string }) =>
  toCallerError(new ProviderError({ kind: 'invalid_request', message: 'No.', status: 400, ...details }), SECRETS);

describe('the field that an upstream blames', () => {
  it.each(['seed', 'messages[2].content', 'tools.0.function.name', 'web_search_options.user_location', '_x'])(
    'is passed on when it is the name of one: %s',
    (param) => {
      expect(blamed({ param }).param).toBe(param);
    },
  );

  it.each([
    'plain_secret',
    'body.plain_secret',
    'Bearer abc',
    'https://api.vendor.example/v1?key=abc',
    'sk-proj-abcdefghijkl',
    'a'.repeat(33),
    'a.'.repeat(80).concat('a'),
    '',
    'messages[2',
    'a\nb',
  ])('is left out when it is anything else: %j', (param) => {
    expect(blamed({ param }).param).toBeUndefined();
  });
});

describe('the code that an upstream gives', () => {
  it('is passed on when it is a word', () => {
    expect(blamed({ code: 'bad_seed' }).code).toBe('bad_seed');
  });

  it.each(['plain_secret', 'x.plain_secret', 'two words', 'sk-proj-abcdefghijkl'])('is ours instead of %j', (code) => {
    expect(blamed({ code }).code).toBe('invalid_request');
  });

  it('is that of an option where the hub itself has found out that a model does not have it', () => {
    const error = new ProviderError({ kind: 'unsupported_option', message: 'No sizes.', param: 'size' });
    expect(toCallerError(error, SECRETS)).toMatchObject({ status: 400, code: 'unsupported_option', param: 'size' });
  });
});

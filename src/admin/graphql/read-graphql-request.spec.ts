import { readGraphqlRequest } from './read-graphql-request.js';

describe('readGraphqlRequest', () => {
  it('looks past a byte order mark before the body', () => {
    const body = Buffer.from('\ufeff{"query":"{ me { id } }","variables":{"name":"\u00e9"}}');
    expect(readGraphqlRequest(body)).toMatchObject({ query: '{ me { id } }', variables: { name: '\u00e9' } });
  });

  it.each(['', '{', '\ufeff', '[1'])('refuses %j', (text) => {
    expect(() => readGraphqlRequest(Buffer.from(text))).toThrow('not valid JSON');
  });
});

import { textOf404 } from './text-of-404.js';

const read = (status: number, text: string) => textOf404({ status, headers: {}, body: Buffer.from(text) }, 'detail');

describe('what a vendor says with a 404', () => {
  it('is the text of its own error', () => {
    expect(read(404, '{"detail":"generation not found"}')).toBe('generation not found');
  });

  it.each([
    [404, ''],
    [404, '<html>'],
    [404, '{"message":"no route matched"}'],
    [404, '{"detail":""}'],
    [400, '{"detail":"generation not found"}'],
  ])('is nothing in HTTP %s %s', (status, text) => {
    expect(read(status, text)).toBeUndefined();
  });
});

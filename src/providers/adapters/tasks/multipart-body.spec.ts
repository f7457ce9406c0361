import { toMultipart } from './multipart-body.js';

const FIELDS = {
  prompt: 'Zwei Katzen,\r\n--form',
  seed: undefined,
  image: { contentType: 'image/png', base64: 'AAECAw==' },
};

describe('a form', () => {
  it('is read back as it was written, without what is undefined', async () => {
    const { body, contentType } = toMultipart(FIELDS);
    const form = await new Response(Buffer.from(body), { headers: { 'content-type': contentType } }).formData();
    expect([...form.keys()]).toEqual(['prompt', 'image']);
    expect(form.get('prompt')).toBe('Zwei Katzen,\r\n--form');
    const image = form.get('image') as File;
    expect([image.type, [...new Uint8Array(await image.arrayBuffer())]]).toEqual(['image/png', [0, 1, 2, 3]]);
  });

  it('has the same bytes each time, and another boundary for other fields', () => {
    expect(toMultipart(FIELDS)).toEqual(toMultipart(FIELDS));
    expect(toMultipart({ prompt: 'a' }).contentType).not.toBe(toMultipart({ prompt: 'b' }).contentType);
  });
});

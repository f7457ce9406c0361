import { toForm } from './multipart-form.js';

const PNG = { kind: 'bytes', contentType: 'image/png', base64: 'iVBORw0KGgo=' } as const;
const read = async ({ headers, body }: ReturnType<typeof toForm>): Promise<FormData> =>
  await new Response(Buffer.from(body), { headers }).formData();

describe('a form', () => {
  it('is read as it was meant, with every byte of a file and without what is undefined', async () => {
    const form = await read(
      toForm([
        ['prompt', 'Zwei Katzen,\r\n--form'],
        ['seed', undefined],
        ['image', PNG],
      ]),
    );
    expect([...form.keys()]).toEqual(['prompt', 'image']);
    expect(form.get('prompt')).toBe('Zwei Katzen,\r\n--form');
    const file = form.get('image') as File;
    expect([file.name, file.type]).toEqual(['image.png', 'image/png']);
    expect(Buffer.from(await file.arrayBuffer()).toString('base64')).toBe(PNG.base64);
  });

  it('has the same bytes each time, and another boundary for other parts', () => {
    expect(toForm([['image', PNG]])).toEqual(toForm([['image', PNG]]));
    expect(toForm([['prompt', 'a']]).headers).not.toEqual(toForm([['prompt', 'b']]).headers);
  });

  it.each([
    ['image/jpeg', 'image.jpg', 'image/jpeg'],
    ['IMAGE/WEBP', 'image.webp', 'image/webp'],
    ['image/png"\r\nx-evil: 1', 'image.bin', 'application/octet-stream'],
    ['text/html', 'image.bin', 'application/octet-stream'],
  ])('names a file of the type %j %s', async (contentType, name, type) => {
    const file = (await read(toForm([['image', { ...PNG, contentType }]]))).get('image') as File;
    expect([file.name, file.type]).toEqual([name, type]);
  });

  it('lets no name end its header', async () => {
    const form = await read(toForm([['a"\r\nx-evil: 1', 'b']]));
    expect([...form.keys()]).toEqual(['a___x-evil: 1']);
  });
});

import { toForm } from './multipart-form.js';

const PNG = { kind: 'bytes', contentType: 'image/png', base64: 'iVBORw0KGgo=' } as const;
const read = async ({ headers, body }: ReturnType<typeof toForm>): Promise<FormData> =>
  await new Response(Buffer.from(body), { headers: { ...headers } }).formData();

describe('a form', () => {
  it('is read as it was meant, with every byte of a file', async () => {
    const form = await read(
      toForm(
        [
          ['model', 'v6'],
          ['image', PNG],
        ],
        'job_1',
      ),
    );
    expect(form.get('model')).toBe('v6');
    const file = form.get('image') as File;
    expect([file.name, file.type]).toEqual(['image.png', 'image/png']);
    expect(Buffer.from(await file.arrayBuffer()).toString('base64')).toBe(PNG.base64);
  });

  it('has the boundary of its request, so that a retry is the same to the byte', () => {
    expect(toForm([['a', 'b']], 'job_1').headers).toEqual({
      'content-type': 'multipart/form-data; boundary=hub-job_1',
    });
    expect(toForm([['image', PNG]], 'job_1')).toEqual(toForm([['image', PNG]], 'job_1'));
  });

  it.each([
    ['image/jpeg', 'image.jpg', 'image/jpeg'],
    ['IMAGE/WEBP', 'image.webp', 'image/webp'],
    ['image/png"\r\nx-evil: 1', 'image.bin', 'application/octet-stream'],
    ['text/html', 'image.bin', 'application/octet-stream'],
  ])('names a file of the type %j %s', async (contentType, name, type) => {
    const file = (await read(toForm([['image', { ...PNG, contentType }]], 'job_1'))).get('image') as File;
    expect([file.name, file.type]).toEqual([name, type]);
  });

  it('lets no name end its header', async () => {
    const form = await read(toForm([['a"\r\nx-evil: 1', 'b']], 'job_1'));
    expect([...form.keys()]).toEqual(['a___x-evil: 1']);
  });
});

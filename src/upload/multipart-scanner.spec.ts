import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HubError } from '../common/hub-error.js';
import { boundaryOf, type MultipartPart, MultipartScanner } from './multipart-scanner.js';

const BOUNDARY = 'XyZ';

interface Part {
  readonly name: string;
  readonly fileName?: string;
  readonly value: string | Uint8Array;
}

function encode(parts: readonly Part[], { preamble = '', epilogue = '\r\n' } = {}): Buffer {
  const chunks: Uint8Array[] = [Buffer.from(preamble)];
  parts.forEach(({ name, fileName, value }, index) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: application/octet-stream`;
    const lineBreak = index === 0 && preamble === '' ? '' : '\r\n';
    chunks.push(
      Buffer.from(`${lineBreak}--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`),
    );
    chunks.push(Buffer.from(value));
  });
  chunks.push(Buffer.from(`\r\n--${BOUNDARY}--${epilogue}`));
  return Buffer.concat(chunks);
}

/** A body of one part with these headers. */
const headed = (headers: string): string => `--${BOUNDARY}\r\n${headers}\r\n\r\nx\r\n--${BOUNDARY}--`;

function scan(body: Uint8Array, cuts: readonly number[] = []): readonly MultipartPart[] {
  const scanner = new MultipartScanner(BOUNDARY);
  let from = 0;
  for (const cut of [...cuts, body.length]) {
    scanner.push(body.subarray(from, cut));
    from = cut;
  }
  return scanner.end();
}

const refusal = (run: () => unknown): HubError => {
  try {
    run();
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

const FORM: readonly Part[] = [
  { name: 'model', value: 'gpt-image-1' },
  { name: 'empty', value: '' },
  { name: 'image[]', fileName: '../../x.png', value: Buffer.from('\r\n--Xy\r\n--XyYZ\0\xff--', 'latin1') },
  { name: 'prompt', value: '一只\r\n猫\r\n\r\n--' },
];

describe('MultipartScanner', () => {
  it('finds each part where it stands', () => {
    const body = encode(FORM);
    const parts = scan(body);
    expect(parts.map(({ name, isFile, text }) => ({ name, isFile, text }))).toEqual([
      { name: 'model', isFile: false, text: 'gpt-image-1' },
      { name: 'empty', isFile: false, text: '' },
      { name: 'image[]', isFile: true, text: undefined },
      { name: 'prompt', isFile: false, text: '一只\r\n猫\r\n\r\n--' },
    ]);
    parts.forEach((part, index) => {
      expect(body.subarray(part.valueStart, part.valueEnd)).toEqual(Buffer.from(FORM[index]!.value));
    });
  });

  it('finds the same parts wherever the body is cut', () => {
    const body = encode(FORM, { preamble: 'for old mail readers', epilogue: '\r\nrest' });
    const whole = scan(body);
    expect(whole).toHaveLength(4);
    for (let cut = 0; cut <= body.length; cut++) expect(scan(body, [cut])).toEqual(whole);
    expect(
      scan(
        body,
        Array.from(body, (_, index) => index),
      ),
    ).toEqual(whole);
  });

  it('gives any form back, cut anywhere', () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(13, 10, 45, 88, 121, 90), fc.nat({ max: 255 })), { maxLength: 40 });
    const parts = fc.array(
      fc.record({ name: fc.stringMatching(/^[a-z[\]]{1,8}$/), value: bytes.map((list) => Buffer.from(list)) }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(parts, fc.array(fc.nat({ max: 600 }), { maxLength: 6 }), (list, cuts) => {
        fc.pre(list.every((part) => !part.value.includes(`\r\n--${BOUNDARY}`)));
        const form = list.map((part) => ({ ...part, fileName: 'f' }));
        const body = encode(form);
        const places = cuts.map((cut) => Math.min(cut, body.length)).sort((a, b) => a - b);
        const found = scan(body, places).map((part) => body.subarray(part.valueStart, part.valueEnd));
        expect(found).toEqual(form.map((part) => part.value));
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no boundary at all', 'hello'],
    ['a missing closing boundary', encode(FORM).toString('latin1').slice(0, -5)],
    ['only the start of a part', `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n`],
    ['text behind a boundary', `--${BOUNDARY}x\r\n`],
    ['a part without a disposition', `--${BOUNDARY}\r\nContent-Type: a/b\r\n\r\nx\r\n--${BOUNDARY}--`],
    ['a part without a name', `--${BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n--${BOUNDARY}--`],
    ['a line feed behind a boundary', headed('Content-Disposition: form-data; name="a"').replace('\r\n', '\n\r\n')],
    ['a line feed in part headers', headed('Content-Disposition: form-data; name="a"\nX: y')],
    ['a carriage return in part headers', headed('Content-Disposition: form-data; name="a"\rX: y')],
    ['a folded header', headed('Content-Disposition: form-data; name="a";\r\n filename="b"')],
    ['a second name in the form of RFC 5987', headed('Content-Disposition: form-data; name="a"; name*=UTF-8\'\'model')],
    ['8 KB of part headers', `--${BOUNDARY}\r\nX: ${'x'.repeat(8200)}`],
  ])('refuses %s', (_what, text) => {
    expect(refusal(() => scan(Buffer.from(text)))).toMatchObject({ status: 400, code: 'invalid_multipart' });
  });

  it('takes spaces and tabs behind a boundary', () => {
    const body = headed('Content-Disposition: form-data; name="a"').replace('\r\n', ' \t\r\n');
    expect(scan(Buffer.from(body))).toMatchObject([{ name: 'a', text: 'x' }]);
  });

  it('refuses 10,000 parts after the hundredth', () => {
    const scanner = new MultipartScanner(BOUNDARY);
    const part = Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n`);
    let pushed = 0;
    const error = refusal(() => {
      for (; pushed < 10_000; pushed++) scanner.push(part);
    });
    expect(error).toMatchObject({ status: 400, code: 'invalid_multipart' });
    expect(pushed).toBeLessThan(110);
  });

  it('refuses a field of more than a megabyte, and keeps no file', () => {
    const big = Buffer.alloc(1024 * 1024 + 1, 'x');
    expect(refusal(() => scan(encode([{ name: 'prompt', value: big }])))).toMatchObject({
      status: 413,
      param: 'prompt',
    });
    expect(scan(encode([{ name: 'image', fileName: 'a', value: big }]))).toHaveLength(1);
  });

  it('reads names as browsers write them', () => {
    const nameOf = (line: string): unknown => {
      const [part] = scan(Buffer.from(headed(line)));
      return [part!.name, part!.isFile];
    };
    expect(nameOf('content-disposition:form-data;name="a"')).toEqual(['a', false]);
    expect(nameOf('Content-Disposition: form-data; filename="a; name=b.png"; name="image"')).toEqual(['image', true]);
    expect(nameOf('Content-Disposition: form-data; filename="; name="; name="image"')).toEqual(['image', true]);
    expect(nameOf('Content-Disposition: form-data; name="image"; filename*=UTF-8\'\'x.png')).toEqual(['image', true]);
    expect(nameOf('Content-Disposition: form-data; name=model')).toEqual(['model', false]);
  });

  it('refuses a part that is named twice: the upstream might read the other name', () => {
    const double = 'Content-Disposition: form-data; name="model"; name="user"';
    const two = 'Content-Disposition: form-data; name="model"\r\nContent-Disposition: form-data; name="user"';
    for (const line of [double, two]) {
      expect(refusal(() => scan(Buffer.from(headed(line))))).toMatchObject({ status: 400, code: 'invalid_multipart' });
    }
  });
});

describe('boundaryOf', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['multipart/form-data;boundary="a b"', 'a b'],
    ['multipart/form-data; charset=utf-8; BOUNDARY=abc; x=y', 'abc'],
  ])('of %s is %s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
    'multipart/form-data; boundary=a; boundary=b',
    'multipart/form-data; boundary=\u00e9',
  ])('refuses %s', (type) => {
    expect(refusal(() => boundaryOf(type))).toMatchObject({ status: 400, code: 'invalid_multipart' });
  });
});

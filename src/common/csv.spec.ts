import { text } from 'node:stream/consumers';
import { type CsvCell, csvLine, openCsv } from './csv.js';

describe('a CSV line', () => {
  it.each([
    [['a', 'b'], 'a,b'],
    [[1, 2n, null, undefined, ''], '1,2,,,'],
    [['say "hi"', 'a,b', 'two\nlines'], '"say ""hi""","a,b","two\nlines"'],
    [['你好'], '你好'],
  ])('of %j is %s', (cells, line) => {
    expect(csvLine(cells)).toBe(`${line}\r\n`);
  });

  it.each(['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '=HYPERLINK("http://x","y")', '-cmd'])(
    'makes %j plain text for spreadsheets',
    (text) => {
      const line = csvLine([text]);
      expect(line.replace(/^"/, '')).toMatch(/^'/);
      expect(line).toContain(text.replaceAll('"', '""'));
    },
  );

  it.each(['-0.05', '-12', '12.000000001'])('leaves the number %s a number', (text) => {
    expect(csvLine([text])).toBe(`${text}\r\n`);
  });
});

describe('a CSV answer', () => {
  it('has a line for the columns, then those of every page', async () => {
    async function* pages() {
      yield [[1, 'x']];
      yield [];
      yield [
        [2, 'y'],
        [3, 'z'],
      ];
    }
    expect(await text(await openCsv(['n', 'name'], pages()))).toBe('n,name\r\n1,x\r\n2,y\r\n3,z\r\n');
  });

  it('of nothing has its columns', async () => {
    async function* pages(): AsyncGenerator<CsvCell[][]> {}
    expect(await text(await openCsv(['n'], pages()))).toBe('n\r\n');
  });

  it('does not read ahead of whoever takes it', async () => {
    let asked = 0;
    async function* pages() {
      for (let page = 1; page <= 1000; page++) {
        asked = page;
        yield [[page]];
      }
    }
    const csv = await openCsv(['n'], pages());
    expect(asked).toBe(1);
    const lines = csv[Symbol.asyncIterator]();
    await lines.next();
    await lines.next();
    expect(asked).toBeLessThan(6);
    csv.destroy();
  });

  it('that cannot be begun fails before it is sent', async () => {
    // biome-ignore lint/correctness/useYield: it fails before it could.
    async function* pages(): AsyncGenerator<CsvCell[][]> {
      throw new Error('no database');
    }
    await expect(openCsv(['n'], pages())).rejects.toThrow('no database');
  });
});

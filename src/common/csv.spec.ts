import { csvLine, csvText } from './csv.js';

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

describe('CSV text', () => {
  it('asks for a page only when the one before has been taken', async () => {
    let asked = 0;
    async function* pages() {
      for (let page = 1; page <= 3; page++) {
        asked = page;
        yield [[page, 'x']];
      }
    }
    const text = csvText(['n', 'name'], pages());
    expect([(await text.next()).value, asked]).toEqual(['n,name\r\n', 0]);
    expect([(await text.next()).value, asked]).toEqual(['1,x\r\n', 1]);
    expect([(await text.next()).value, asked]).toEqual(['2,x\r\n', 2]);
  });
});

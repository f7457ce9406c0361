import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { mergeUsage, mergeWireUsage } from './merge-usage.js';
import type { Usage } from './usage.js';
import { normaliseUsage, type UsageHints } from './usage-normaliser.js';

interface UsageCase {
  readonly name: string;
  readonly wire?: unknown;
  readonly stream?: readonly unknown[];
  readonly hints?: UsageHints;
  readonly expect: Usage | null;
  readonly onlyWire?: boolean;
}

const FOLDER = join(import.meta.dirname, '../../../test/fixtures-usage');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

function casesOf(file: string): readonly UsageCase[] {
  return (JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { cases: UsageCase[] }).cases;
}

describe.each(FILES)('%s', (file) => {
  const cases = casesOf(file);

  it.each(cases.filter((each) => each.stream === undefined))('$name', ({ wire, hints, expect: wanted }) => {
    expect(normaliseUsage(wire, hints)).toStrictEqual(wanted ?? undefined);
  });

  const streams = cases.filter((each) => each.stream !== undefined);
  if (streams.length > 0) {
    it.each(streams)('$name', ({ stream = [], hints, expect: wanted, onlyWire }) => {
      const whole = stream.reduce<unknown>((all, wire) => mergeWireUsage(all, wire), undefined);
      expect(normaliseUsage(whole, hints)).toStrictEqual(wanted ?? undefined);
      if (onlyWire === true) return;
      const read = stream.map((wire) => normaliseUsage(wire, hints));
      expect(read.reduce(mergeUsage, undefined)).toStrictEqual(wanted ?? undefined);
    });
  }
});

describe('the corpus', () => {
  it('is large, and names each case once', () => {
    const names = FILES.flatMap((file) => casesOf(file).map((each) => `${file}: ${each.name}`));
    expect(names.length).toBeGreaterThanOrEqual(90);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('normaliseUsage', () => {
  it('refuses what JSON cannot even write', () => {
    expect(normaliseUsage({ prompt_tokens: Number.NaN, completion_tokens: 3n })).toBeUndefined();
  });

  it('gives sound counts whatever it reads', () => {
    const keys = FILES.flatMap(casesOf).flatMap((each) => namesIn(each.wire));
    const anyCount = fc.oneof(fc.nat(200), fc.integer(), fc.double(), fc.constantFrom(null, '5', true, 2 ** 60));
    const anyObject = fc.dictionary(
      fc.constantFrom(...keys),
      fc.oneof(anyCount, fc.dictionary(fc.constantFrom(...keys), anyCount)),
    );
    fc.assert(
      fc.property(anyObject, anyObject, fc.boolean(), (first, second, isReasoningOutsideOutput) => {
        const hints = { tokensMax: 1000, isReasoningOutsideOutput };
        const one = normaliseUsage(first, hints);
        const other = normaliseUsage(second, hints);
        for (const usage of [
          one,
          other,
          mergeUsage(one, other),
          normaliseUsage(mergeWireUsage(first, second), hints),
        ]) {
          if (usage !== undefined) expectSound(usage, 1000);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('mergeUsage', () => {
  it('keeps what is there when the other says nothing', () => {
    const usage = { inputTokens: 3 };
    expect(mergeUsage(undefined, usage)).toBe(usage);
    expect(mergeUsage(usage, undefined)).toBe(usage);
    expect(mergeUsage(undefined, undefined)).toBeUndefined();
  });

  it('takes the last word field by field, zero included', () => {
    const previous = { inputTokens: 10, outputTokens: 5, cachedInputTokens: 4, images: 1 };
    expect(mergeUsage(previous, { outputTokens: 0, cachedInputTokens: undefined })).toStrictEqual({
      ...previous,
      outputTokens: 0,
    });
  });
});

describe('mergeWireUsage', () => {
  it('keeps counts only, and looks no deeper than usage objects go', () => {
    let deep: Record<string, unknown> = { tokens: 1 };
    for (let i = 0; i < 10_000; i++) deep = { deep };
    expect(mergeWireUsage({ a: 1, b: { c: 2, d: 'x' }, e: [1] }, { b: { d: 3 }, f: -1, deep })).toEqual({
      a: 1,
      b: { c: 2, d: 3 },
      deep: { deep: {} },
    });
  });
});

function expectSound(usage: Usage, max: number): void {
  for (const count of Object.values(usage)) {
    expect(Number.isSafeInteger(count) && count >= 0 && count <= max).toBe(true);
  }
  const {
    inputTokens = max,
    outputTokens = max,
    cachedInputTokens = 0,
    cacheWriteTokens = 0,
    reasoningTokens = 0,
  } = usage;
  if (usage.inputTokens !== undefined) expect(cachedInputTokens + cacheWriteTokens).toBeLessThanOrEqual(inputTokens);
  expect(reasoningTokens).toBeLessThanOrEqual(outputTokens);
}

/** All member names in a value. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...namesIn(member)]);
}

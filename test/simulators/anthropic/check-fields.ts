import { invalid } from './anthropic-error.js';

/** A JSON object of a request. */
export type Wire = Readonly<Record<string, unknown>>;

export function asObject(value: unknown, path: string): Wire {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${path}: Input should be a valid dictionary`);
  return value as Wire;
}

export function asList(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${path}: Input should be a valid list`);
  return value;
}

export function asText(value: unknown, path: string): string {
  if (value === undefined) throw invalid(`${path}: Field required`);
  if (typeof value !== 'string') throw invalid(`${path}: Input should be a valid string`);
  return value;
}

export function asNumber(value: unknown, path: string, min: number, max: number): number {
  if (typeof value !== 'number') throw invalid(`${path}: Input should be a valid number`);
  if (value < min) throw invalid(`${path}: Input should be greater than or equal to ${min}`);
  if (value > max) throw invalid(`${path}: Input should be less than or equal to ${max}`);
  return value;
}

export function asChoice<T extends string>(value: unknown, path: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw invalid(`${path}: Input should be ${choices.map((name) => `'${name}'`).join(', ')}`);
  return found;
}

/** Refuses every member outside the list. */
export function checkKeys(value: Wire, path: string, known: readonly string[]): void {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw invalid(`${path === '' ? '' : `${path}.`}${name}: Extra inputs are not permitted`);
  }
}

import { type Fraction, parseFraction } from './fraction.js';
import type { Notes } from './notes.js';
import { jsonObjectOf, plainText } from './row-values.js';

/**
 * An option that maps names to numbers from 0, such as ModelRatio. What is wrong with it is said and left out.
 *
 * @returns undefined when the database has no such option, or one that cannot be read.
 */
export function readRatios(
  options: ReadonlyMap<string, string>,
  name: string,
  notes: Notes,
): ReadonlyMap<string, Fraction> | undefined {
  const text = options.get(name);
  if (text === undefined || text.trim() === '') return undefined;
  const object = jsonObjectOf(text);
  if (object === undefined) {
    notes.warn(`option ${name}`, 'is no JSON object; it was not taken');
    return undefined;
  }
  const ratios = new Map<string, Fraction>();
  for (const [key, value] of Object.entries(object)) {
    // A number's shortest text is what the product reckons with.
    const ratio = typeof value === 'number' ? parseFraction(String(value)) : undefined;
    if (ratio === undefined) notes.warn(`option ${name}`, `says no number from 0 for "${plainText(key, 64)}"`);
    else ratios.set(key, ratio);
  }
  return ratios;
}

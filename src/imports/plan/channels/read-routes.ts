import type { ImportProduct } from '../../product.js';
import type { TextRow } from '../../source/source-tables.js';
import type { Notes } from '../notes.js';
import { isModelName, jsonObjectOf, listOf, plainText, textOf } from '../row-values.js';

/** new-api follows a mapping's result through the mapping again. */
const STEPS_MAX = 16;

/** The models of a channel, and what is wrong with them. */
export interface ChannelRoutes {
  /** Public name to the upstream's name. */
  readonly models: ReadonlyMap<string, string>;
  /** Why the channel must not be used as it is. */
  readonly problem?: string;
}

/** Reads the list of models and what the upstream calls them. */
export function readRoutes(row: TextRow, product: ImportProduct, notes: Notes, subject: string): ChannelRoutes {
  const mapping = jsonObjectOf(textOf(row, 'model_mapping'));
  const models = new Map<string, string>();
  for (const name of listOf(textOf(row, 'models'))) {
    const upstream = follow(name, mapping ?? {}, product === 'new-api' ? STEPS_MAX : 1);
    if (isModelName(name) && upstream !== undefined && isModelName(upstream)) models.set(name, upstream);
    else
      notes.warn(
        subject,
        `has the model "${plainText(name, 64)}", whose name or mapping cannot be used; it was left out`,
      );
  }
  if (mapping === undefined) return { models, problem: 'has a model_mapping that is no JSON object' };
  return { models, problem: models.size === 0 ? 'has no models' : undefined };
}

/** @returns undefined for a mapping that leads in a circle, or to something that is no text. */
function follow(name: string, mapping: Readonly<Record<string, unknown>>, stepsMax: number): string | undefined {
  let current = name;
  for (let steps = 0; steps < stepsMax; steps++) {
    if (!Object.hasOwn(mapping, current)) return current;
    const next = mapping[current];
    if (typeof next !== 'string') return undefined;
    // A name that is mapped to itself ends there.
    if (next === current || next.trim() === '') return current;
    current = next.trim();
    if (stepsMax > 1 && current === name) return undefined;
  }
  return stepsMax === 1 || !Object.hasOwn(mapping, current) ? current : undefined;
}

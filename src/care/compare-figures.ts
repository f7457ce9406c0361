import { toTable } from '../common/to-table.js';
import type { BooksFigure } from './books-digest.js';

/** Two measurements side by side. */
export interface FiguresComparison {
  readonly isSame: boolean;
  /** A table for people: every figure, its two values, and whether they are equal. */
  readonly table: string;
  /** The names of the figures that differ, or are on one side only. */
  readonly differing: readonly string[];
}

/** Compares the books of two databases, or of one at two moments. */
export function compareFigures(before: readonly BooksFigure[], after: readonly BooksFigure[]): FiguresComparison {
  const left = new Map(before.map(({ name, value }) => [name, value]));
  const right = new Map(after.map(({ name, value }) => [name, value]));
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const differing = names.filter((name) => left.get(name) !== right.get(name));
  const isDiffering = new Set(differing);
  const rows = names.map((name) => [
    name,
    left.get(name) ?? '-',
    right.get(name) ?? '-',
    isDiffering.has(name) ? 'DIFFERENT' : 'same',
  ]);
  return {
    isSame: differing.length === 0,
    table: toTable([['FIGURE', 'BEFORE', 'AFTER', ''], ...rows]),
    differing,
  };
}

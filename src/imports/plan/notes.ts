import type { ImportWarning } from './import-plan.js';

/** Collects what the operator should know while a plan is made. */
export class Notes {
  readonly warnings: ImportWarning[] = [];
  readonly skipped = new Map<string, number>();

  warn(subject: string, text: string): void {
    this.warnings.push({ subject, text });
  }

  /** Counts a row that is left out, by its reason. */
  skip(reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1);
  }
}

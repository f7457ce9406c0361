/** One setting that cannot be used: which, and the rule it breaks. Never the value, which may be a secret. */
export interface SettingProblem {
  readonly name: string;
  readonly rule: string;
}

/** The start is stopped by its settings; the message lists every problem at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly SettingProblem[]) {
    super(
      `These settings cannot be used:\n${problems.map((problem) => `  ${problem.name} ${problem.rule}`).join('\n')}`,
    );
  }
}

const MS_PER_DAY = 86_400_000;

/**
 * Reads variables one by one and collects what is wrong with them, so that the operator sees all of it in one go.
 * A variable that is set to an empty string counts as not set, as compose files pass unset variables on.
 */
export class SettingReader {
  readonly problems: SettingProblem[] = [];

  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  refuse(name: string, rule: string): void {
    this.problems.push({ name, rule });
  }

  text(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  /** As written: passwords may begin or end with a space. */
  secret(name: string): string | undefined {
    const value = this.env[name];
    return value === '' ? undefined : value;
  }

  integer(name: string, byDefault: number, min: number, max: number): number {
    const value = this.text(name);
    if (value === undefined) return byDefault;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    this.refuse(name, `must be a whole number from ${min} to ${max}`);
    return byDefault;
  }

  /** Undefined when it is not set. */
  optionalInteger(name: string, min: number, max: number): number | undefined {
    return this.text(name) === undefined ? undefined : this.integer(name, min, min, max);
  }

  milliseconds(name: string, byDefault: number, min = 1): number {
    return this.integer(name, byDefault, min, MS_PER_DAY);
  }

  oneOf<T extends string>(name: string, byDefault: T, allowed: readonly T[]): T {
    const value = this.text(name);
    if (value === undefined) return byDefault;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) this.refuse(name, `must be one of ${allowed.join(', ')}`);
    return found ?? byDefault;
  }

  /** A URL with one of the given schemes, such as `https:`; returned as written. */
  url(name: string, schemes: readonly string[]): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url && schemes.includes(url.protocol)) return value;
    this.refuse(name, `must be a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`);
    return undefined;
  }

  list(name: string): readonly string[] {
    return (this.text(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
}

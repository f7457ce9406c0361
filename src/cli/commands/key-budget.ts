import { sqlState } from '../../database/database-error.js';
import { BUDGET_PERIODS, type BudgetPeriod, removeKeyBudget, setKeyBudget } from '../../quota/set-key-budget.js';
import { isTimeZoneName } from '../../quota/time-zone.js';
import { CommandError, type CommandResult, type DatabaseCommand, UsageError } from '../command.js';
import { AMOUNT_OPTIONS, describeAmount, parseAmount } from '../parse-amount.js';
import { parseArguments } from '../parse-arguments.js';

const OPTIONS = {
  ...AMOUNT_OPTIONS,
  period: { type: 'string' },
  'time-zone': { type: 'string' },
  remove: { type: 'boolean' },
} as const;

/** PostgreSQL knows no such time zone. */
const INVALID_PARAMETER = '22023';

/** Limits what an API key may spend. */
export const keyBudget: DatabaseCommand = {
  name: 'key:budget',
  usage:
    'KEY_ID --period total|day|month --units N|--credits D [--time-zone Europe/Berlin] | KEY_ID --remove [--period P]',
  summary: 'limit what an API key may spend in all, a day or a month, from now on; or take the limit away',
  async run({ sql }, { args }) {
    const { values, positionals } = parseArguments(args, OPTIONS, 1);
    const [keyId = ''] = positionals;
    if (!/^\d{1,18}$/.test(keyId)) throw new UsageError('say which key, by its id; key:list shows it');
    const period = values.period === undefined ? undefined : parsePeriod(values.period);
    if (values.remove === true) {
      if ([values.units, values.credits, values['time-zone']].some((given) => given !== undefined)) {
        throw new UsageError('--remove takes nothing but --period');
      }
      return removed(keyId, await sql.transaction((session) => removeKeyBudget(session, keyId, period)));
    }
    if (period === undefined) throw new UsageError('--period is needed: total, day or month');
    const limit = parseAmount(values);
    const timeZone = values['time-zone'] === undefined ? undefined : parseTimeZone(values['time-zone']);
    const budget = { keyId, period, limit, timeZone };
    const setting = sql.transaction((session) => setKeyBudget(session, budget));
    const isSet = await setting.catch((error: unknown) => {
      if (timeZone !== undefined && sqlState(error) === INVALID_PARAMETER) throw unknownTimeZone(timeZone);
      throw error;
    });
    if (!isSet) throw new CommandError(`There is no key ${keyId}.`);
    const span = period === 'total' ? 'in all' : `a ${period}`;
    return { exitCode: 0, stderr: `Key ${keyId} may spend ${describeAmount(limit)} ${span}.\n` };
  },
};

function removed(keyId: string, count: number | undefined): CommandResult {
  if (count === undefined) throw new CommandError(`There is no key ${keyId}.`);
  const note = count === 0 ? `Key ${keyId} had no such budget.` : `Key ${keyId} has ${count} budget(s) less.`;
  return { exitCode: 0, stderr: `${note}\n` };
}

function parsePeriod(text: string): BudgetPeriod {
  const period = BUDGET_PERIODS.find((candidate) => candidate === text);
  if (period === undefined) throw new UsageError('--period must be total, day or month');
  return period;
}

function parseTimeZone(text: string): string {
  if (!isTimeZoneName(text)) throw unknownTimeZone(text);
  return text;
}

function unknownTimeZone(text: string): UsageError {
  return new UsageError(`--time-zone: there is no time zone ${text}; write it as Europe/Berlin or UTC`);
}

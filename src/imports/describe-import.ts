import { formatCredits } from '../common/credits.js';
import { toTable } from '../common/to-table.js';
import type { ChannelFate, ImportPlan, PlannedChannel } from './plan/import-plan.js';
import type { ImportProduct } from './product.js';
import type { SourceData } from './source/read-source.js';
import type { WriteCount } from './write/write-context.js';
import type { WrittenImport } from './write/write-import.js';

/** An import that was carried out or tried. */
export interface ImportOutcome {
  readonly product: ImportProduct;
  readonly label: string;
  readonly isApplied: boolean;
  readonly source: SourceData;
  readonly plan: ImportPlan;
  readonly written: WrittenImport;
}

/** What is never taken, whatever the database holds. */
const NOT_TAKEN = [
  'passwords (everybody needs a new one from an administrator), second factors, sign-ins by other services, access tokens',
  'logs, statistics, tasks, top-ups, invitations, subscriptions and settings other than the ratios',
];

/** The report of an import, for people. It names rows and never shows a secret. */
export function describeImport({ product, label, isApplied, source, plan, written }: ImportOutcome): string {
  const warnings = [...plan.warnings, ...written.warnings];
  const sections = [
    isApplied
      ? `Import of ${product} as "${label}": done.`
      : `Import of ${product} as "${label}": a trial. Nothing was changed; --apply carries it out.`,
    countTable(source, written, isApplied),
    [
      `Quota ${isApplied ? 'granted' : 'to grant'}: ${formatCredits(written.accounts.granted)} credits.`,
      `Used there before, which is no money here: ${formatCredits(plan.usedBefore)} credits.`,
    ].join('\n'),
    listOf('Channels:', plan.fates.map(describeFate)),
    listOf(
      'Left out:',
      [...plan.skipped].map(([reason, count]) => `${count} ${reason}`),
    ),
    listOf('Never taken:', NOT_TAKEN),
    listOf(
      `Warnings: ${warnings.length}`,
      warnings.map(({ subject, text }) => `${subject} ${text}`),
    ),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function countTable(
  { users, tokens, channels, redemptions }: SourceData,
  written: WrittenImport,
  isApplied: boolean,
): string {
  const rows: [string, number | string, WriteCount][] = [
    ['account groups', '-', written.groups],
    ['users -> accounts', users.length, written.accounts],
    ['users with e-mail -> sign-ins', '-', written.accounts.users],
    ['tokens -> API keys', tokens.length, written.keys],
    ['channels', channels.length, written.channels],
    ['models', '-', written.models],
    ['prices', '-', written.prices],
    ['redemption codes', redemptions.length, written.codes],
  ];
  return toTable([
    ['what', 'there', isApplied ? 'made' : 'to make', 'here already'],
    ...rows.map(([what, there, { made, present }]) => [what, String(there), String(made), String(present)]),
  ]).trimEnd();
}

/** What a channel becomes, in a line. Why it is left out, or disabled, is among the warnings. */
function describeFate({ subject, became }: ChannelFate): string {
  return `${subject}: ${became.length === 0 ? 'left out' : became.map(describeChannel).join('; ')}`;
}

function describeChannel(channel: PlannedChannel): string {
  const { name, provider, baseUrl, credentials, models, priority, weight, isEnabled } = channel;
  return [
    `"${name}", ${provider}${baseUrl === undefined ? '' : ` at ${baseUrl}`}`,
    ...(isEnabled ? [] : ['disabled']),
    countOf(credentials.length, 'credential'),
    countOf(models.size, 'model'),
    `priority ${priority}, weight ${weight}`,
  ].join(', ');
}

function countOf(count: number, what: string): string {
  return `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;
}

function listOf(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : [title, ...items.map((item) => `  - ${item}`)].join('\n');
}

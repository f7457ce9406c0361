import { toTable } from '../common/to-table.js';
import type { AuditResult } from './audit.js';

/** The results as a table for people, with the samples of what is wrong under it. */
export function auditTable(results: readonly AuditResult[]): string {
  const rows = results.map(({ id, title, badRows, ms }) => [
    id,
    badRows === 0 ? 'ok' : 'BAD',
    String(badRows),
    String(ms),
    title,
  ]);
  const table = toTable([['', '', 'BAD ROWS', 'MS', 'WHAT HOLDS'], ...rows]);
  return [table, ...results.filter(({ badRows }) => badRows > 0).map(describe)].join('\n');
}

function describe({ id, badRows, samples }: AuditResult): string {
  const lines = samples.map(({ accountId, subject, detail }) => {
    const owner = accountId === null || subject === `account ${accountId}` ? '' : `account ${accountId}, `;
    return `  ${owner}${subject}: ${detail}\n`;
  });
  const rest = badRows - samples.length;
  return `${id}:\n${lines.join('')}${rest > 0 ? `  and ${rest} more\n` : ''}`;
}

import { toTable } from '../../common/to-table.js';
import { API_KEYS_LISTED_MAX, type ApiKeySummary, listApiKeys } from '../../keys/api-key-store.js';
import type { DatabaseCommand } from '../command.js';
import { parseArguments } from '../parse-arguments.js';
import { tableTime } from '../table-time.js';

/** Lists API keys, newest first. */
export const keyList: DatabaseCommand = {
  name: 'key:list',
  usage: '',
  summary: `list the newest API keys (at most ${API_KEYS_LISTED_MAX}), without the keys themselves`,
  async run({ sql }, { args }) {
    parseArguments(args, {});
    const keys = await listApiKeys(sql);
    const header = ['ID', 'NAME', 'ACCOUNT', 'LAST4', 'STATE', 'EXPIRES', 'LAST USED', 'CREATED'];
    return { exitCode: 0, stdout: toTable([header, ...keys.map(toRow)]) };
  },
};

function toRow(key: ApiKeySummary): string[] {
  const account = `${key.accountId} ${key.accountName}`;
  return [
    key.id,
    key.name,
    account,
    key.last4,
    key.state,
    tableTime(key.expiresAt),
    tableTime(key.lastUsedAt),
    tableTime(key.createdAt),
  ];
}

import type { TextRow } from '../../source/source-tables.js';
import { jsonObjectOf, textOf } from '../row-values.js';
import type { ChannelForm, ChannelType } from './channel-types.js';

/** Settings of a channel that have no counterpart here. */
const COLUMNS = [
  'openai_organization',
  'setting',
  'param_override',
  'header_override',
  'status_code_mapping',
  'system_prompt',
];
/** Members of `settings` that say of what form a key is, or that only the pages of the product read. */
const SETTINGS_READ = /^(?:vertex_key_type$|aws_key_type$|upstream_model_update_)/;
/** Members of one-api's `config`. */
const CONFIG: readonly string[] = ['library_id', 'plugin'];
/** Kinds whose `other` is read: a version, a region, an account. */
const OTHER_READ: readonly ChannelForm[] = ['azure', 'vertex', 'cloudflare'];

/** Names of what a channel has and the hub does not take, such as `setting` or `settings (allow_service_tier)`. */
export function settingsLeft(row: TextRow, type: ChannelType): string[] {
  const left = COLUMNS.filter((column) => !isEmpty(textOf(row, column)));
  const settings = membersOf(row, 'settings').filter((name) => !SETTINGS_READ.test(name));
  if (settings.length > 0) left.push(`settings (${settings.sort().join(', ')})`);
  const config = membersOf(row, 'config').filter((name) => CONFIG.includes(name));
  if (config.length > 0) left.push(`config (${config.sort().join(', ')})`);
  // The version of the Gemini API that the hub speaks itself.
  const isOtherRead = OTHER_READ.includes(type.form) || textOf(row, 'other').trim() === 'v1beta';
  if (!isOtherRead && !isEmpty(textOf(row, 'other'))) left.push('other');
  return left;
}

function isEmpty(text: string): boolean {
  return ['', '{}', 'null'].includes(text.trim());
}

/** Members that say something. */
function membersOf(row: TextRow, column: string): string[] {
  const object = jsonObjectOf(textOf(row, column)) ?? {};
  return Object.entries(object).flatMap(([name, value]) =>
    value === '' || value === false || value === null ? [] : name,
  );
}

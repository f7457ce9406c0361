import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';

/** A value of a foreign table. */
export type ForeignValue = string | number | bigint | null;
/** Rows by table, each with the columns it names. */
export type ForeignRows = Readonly<Record<string, readonly Readonly<Record<string, ForeignValue>>[]>>;

/** The tables of new-api as its ORM makes them in SQLite, as far as an import could look at them. */
export const NEW_API_SQLITE = [
  `create table users (id integer primary key autoincrement, username text unique, password text not null, display_name text,
    role integer default 1, status integer default 1, email text, github_id text, access_token char(32), quota int default 0,
    used_quota int default 0, request_count int default 0, "group" varchar(64) default 'default', aff_code varchar(32),
    aff_count int default 0, aff_quota int default 0, aff_history int default 0, inviter_id int, deleted_at datetime,
    setting text)`,
  `create table tokens (id integer primary key autoincrement, user_id integer, "key" char(48), status integer default 1,
    name text, created_time bigint, accessed_time bigint, expired_time bigint default -1, remain_quota integer default 0,
    unlimited_quota numeric, model_limits_enabled numeric, model_limits varchar(1024) default '', allow_ips text default '',
    used_quota integer default 0, "group" text default '', deleted_at datetime)`,
  `create table channels (id integer primary key autoincrement, type integer default 0, "key" text not null,
    openai_organization text, test_model text, status integer default 1, name text, weight integer default 0,
    created_time bigint, base_url text default '', other text, balance real, models text,
    "group" varchar(64) default 'default', used_quota bigint default 0, model_mapping text,
    status_code_mapping varchar(1024) default '', priority bigint default 0, auto_ban integer default 1, other_info text,
    tag text, setting text, param_override text, header_override text, channel_info json, settings text)`,
  `create table redemptions (id integer primary key autoincrement, user_id integer, "key" char(32), status integer default 1,
    name text, quota integer default 100, created_time bigint, redeemed_time bigint, used_user_id integer, deleted_at datetime,
    expired_time bigint)`,
  `create table options ("key" text primary key, value text)`,
  `create table logs (id integer primary key autoincrement, user_id integer, content text)`,
] as const;

/** The tables of one-api in SQLite. */
export const ONE_API_SQLITE = [
  `create table users (id integer primary key autoincrement, username text unique, password text not null, display_name text,
    role int default 1, status int default 1, email text, github_id text, wechat_id text, access_token char(32),
    quota bigint default 0, used_quota bigint default 0, request_count int default 0, "group" varchar(32) default 'default',
    aff_code varchar(32), inviter_id int)`,
  `create table tokens (id integer primary key autoincrement, user_id integer, "key" char(48), status integer default 1,
    name text, created_time bigint, accessed_time bigint, expired_time bigint default -1, remain_quota bigint default 0,
    unlimited_quota numeric default false, used_quota bigint default 0, models text, subnet text default '')`,
  `create table channels (id integer primary key autoincrement, type integer default 0, "key" text, status integer default 1,
    name text, weight integer default 0, created_time bigint, base_url text default '', other text, balance real, models text,
    "group" varchar(32) default 'default', used_quota bigint default 0, model_mapping varchar(1024) default '',
    priority bigint default 0, config text, system_prompt text)`,
  `create table redemptions (id integer primary key autoincrement, user_id integer, "key" char(32), status integer default 1,
    name text, quota bigint default 100, created_time bigint, redeemed_time bigint)`,
  `create table options ("key" text primary key, value text)`,
] as const;

/** The tables of new-api in PostgreSQL. */
export const NEW_API_POSTGRES = NEW_API_SQLITE.map((statement) =>
  statement
    .replaceAll('integer primary key autoincrement', 'bigserial primary key')
    .replaceAll('numeric', 'boolean')
    .replaceAll('datetime', 'timestamptz')
    .replaceAll(/\b(integer|int)\b/g, 'bigint'),
);

/** Makes a SQLite file with these tables and rows. */
export function makeSqlite(file: string, schema: readonly string[], rows: ForeignRows): void {
  const database = new DatabaseSync(file);
  for (const statement of schema) database.exec(statement);
  for (const [table, list] of Object.entries(rows)) {
    for (const row of list) {
      const columns = Object.keys(row);
      const places = columns.map(() => '?').join(', ');
      database
        .prepare(`insert into ${table} (${columns.map((name) => `"${name}"`).join(', ')}) values (${places})`)
        .run(...Object.values(row));
    }
  }
  database.close();
}

/** Makes the same in a PostgreSQL database. */
export async function fillPostgres(url: string, schema: readonly string[], rows: ForeignRows): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of schema) await client.query(statement);
    for (const [table, list] of Object.entries(rows)) {
      for (const row of list) {
        const columns = Object.keys(row);
        const places = columns.map((_, index) => `$${index + 1}`).join(', ');
        const names = columns.map((name) => `"${name}"`).join(', ');
        await client.query(`insert into ${table} (${names}) values (${places})`, Object.values(row));
      }
    }
  } finally {
    await client.end();
  }
}

/** 48 characters, as new-api makes keys; another one for each number. */
export function foreignKey(number: number): string {
  return `Kd8${String(number).padStart(5, '0')}`.padEnd(48, 'xY7zQ2');
}

/** 32 hexadecimal digits, as both products make codes. */
export function foreignCode(number: number): string {
  return number.toString(16).padStart(8, '0').repeat(4);
}

/** Options of new-api and one-api with prices of a few models. */
export const FOREIGN_OPTIONS = [
  { key: 'ModelRatio', value: '{"gpt-4o-mini":0.075,"gpt-4o":1.25,"own-model":5,"free-model":0}' },
  { key: 'CompletionRatio', value: '{"gpt-4o-mini":4,"own-model":2,"free-model":1}' },
  { key: 'GroupRatio', value: '{"default":1,"vip":0.8}' },
] as const;

const PASSWORD = '$2a$10$abcdefghijklmnopqrstuv1234567890123456789012345678901';

/** A small installation of new-api. @param upstream base URL of its one working upstream, without `/v1`. */
export function smallNewApi(upstream: string): ForeignRows {
  const user = { password: PASSWORD, access_token: null };
  return {
    users: [
      { ...user, id: 1, username: 'root', role: 100, quota: 0, email: 'Root@Example.org' },
      {
        ...user,
        id: 2,
        username: 'alice',
        quota: 1_000_000,
        used_quota: 250_000,
        email: 'alice@example.org',
        group: 'vip',
      },
      { ...user, id: 3, username: 'bob', quota: 7, status: 2, email: '' },
      { ...user, id: 4, username: 'gone', quota: 500_000, deleted_at: '2026-01-01 00:00:00' },
    ],
    tokens: [
      { id: 1, user_id: 2, key: foreignKey(1), name: 'laptop', unlimited_quota: 1, model_limits_enabled: 0 },
      {
        ...{ id: 2, user_id: 2, key: foreignKey(2), name: 'bounded', unlimited_quota: 0, remain_quota: 500_000 },
        ...{ model_limits_enabled: 1, model_limits: 'gpt-4o-mini,own-model', allow_ips: '127.0.0.1\n10.0.0.0/8' },
        ...{ expired_time: 4_000_000_000, group: 'svip' },
      },
      { id: 3, user_id: 2, key: foreignKey(3), name: 'off', status: 2, unlimited_quota: 1, model_limits_enabled: 0 },
      { id: 4, user_id: 4, key: foreignKey(4), name: 'orphan', unlimited_quota: 1, model_limits_enabled: 0 },
    ],
    channels: [
      {
        ...{ id: 1, type: 1, key: 'sk-first-credential\nsk-second-credential', name: 'main', base_url: upstream },
        ...{ models: 'gpt-4o-mini,own-model,free-model', group: 'default,vip', weight: 5, priority: 3 },
        ...{ model_mapping: '{"own-model":"upstream-model"}', setting: '{"proxy":"socks5://127.0.0.1"}' },
        channel_info: '{"is_multi_key":true,"multi_key_status_list":{"1":3}}',
      },
      {
        id: 2,
        type: 43,
        key: 'sk-deepseek-credential',
        name: 'seek',
        status: 2,
        models: 'deepseek-v9',
        group: 'default',
      },
      {
        id: 3,
        type: 36,
        key: 'songs-credential',
        name: 'songs',
        base_url: 'https://songs.example',
        models: 'suno_music',
      },
      { id: 4, type: 4, key: '', name: 'local', models: 'llama9', group: 'default' },
    ],
    redemptions: [
      { id: 1, key: foreignCode(1), name: 'gift', quota: 500_000, expired_time: 0 },
      { id: 2, key: foreignCode(2), name: 'gift', quota: 500_000, status: 3, expired_time: 0 },
      { id: 3, key: foreignCode(3), name: 'gift', quota: 250_000, expired_time: 4_000_000_000 },
    ],
    options: FOREIGN_OPTIONS.map((option) => ({ ...option })),
    logs: [{ id: 1, user_id: 2, content: 'never read' }],
  };
}

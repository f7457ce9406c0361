import { readFile } from 'node:fs/promises';
import type { Sql } from '../../src/database/sql.js';
import { openHolds } from './books.js';
import { until } from './until.js';

/** The final usage event of a request, as far as it is paid by. */
export interface BookedOperation {
  readonly outcome: string;
  readonly endpoint: string;
  readonly estimated: boolean;
  readonly input: number | null;
  readonly output: number | null;
  readonly audioMs: number | null;
  readonly characters: number | null;
  readonly searches: number | null;
  readonly cost: bigint;
}

/** Waits until the books are closed on all requests, and gives what they say of one. */
export async function bookedOperation(sql: Sql, response: Response): Promise<BookedOperation> {
  await until(async () => (await openHolds(sql)) === 0);
  const id = response.headers.get('x-request-id')!.slice('req_'.length);
  const [row] = await sql.query<Record<string, string | boolean | null>>(
    `select outcome, endpoint, estimated, input_tokens, output_tokens, audio_ms, characters, searches, cost
       from usage_event where hold_id = $1::uuid and is_final`,
    [id],
  );
  const count = (name: string): number | null => (row![name] === null ? null : Number(row![name]));
  return {
    outcome: String(row!['outcome']),
    endpoint: String(row!['endpoint']),
    estimated: row!['estimated'] === true,
    input: count('input_tokens'),
    output: count('output_tokens'),
    audioMs: count('audio_ms'),
    characters: count('characters'),
    searches: count('searches'),
    cost: BigInt(String(row!['cost'])),
  };
}

/** Status and field of a refusal. */
export async function refusalOf(response: Response): Promise<{ status: number; param: string | null }> {
  const { error } = (await response.json()) as { error: { param: string | null } };
  return { status: response.status, param: error.param };
}

/** The `data:` events of a whole stream. */
export async function eventsOf(response: Response): Promise<string[]> {
  return (await response.text()).split('\n\n').filter((event) => event.startsWith('data: '));
}

/** A form with a second and a half of sound. */
export async function uploadOf(model: string, fields: Readonly<Record<string, string>> = {}): Promise<FormData> {
  const form = new FormData();
  form.set('model', model);
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const bytes = await readFile(new URL('./sounds/tone.mp3', import.meta.url));
  form.set('file', new File([bytes], 'tone.mp3', { type: 'audio/mpeg' }));
  return form;
}

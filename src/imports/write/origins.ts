import type { SqlSession } from '../../database/sql.js';

/** Kinds of rows that are found again by their ids in the imported database. Stored as `import_origin.kind`. */
export type OriginKind = 'group' | 'account' | 'key' | 'channel' | 'code';

const ROWS_AT_ONCE = 5000;

/** What was imported from one database before, and what became of it. */
export class Origins {
  private readonly added = new Map<OriginKind, Map<string, string>>();

  private constructor(
    private readonly label: string,
    private readonly known: ReadonlyMap<OriginKind, ReadonlyMap<string, string>>,
  ) {}

  /** @param label tells this database from others that were imported. */
  static async load(session: SqlSession, label: string): Promise<Origins> {
    const rows = await session.query<{ kind: OriginKind; source_id: string; target_id: string }>(
      `select kind, source_id, target_id from import_origin where label = $1`,
      [label],
    );
    const byKind = Map.groupBy(rows, (row) => row.kind);
    const known = [...byKind].map(([kind, list]) => {
      return [kind, new Map(list.map((row) => [row.source_id, row.target_id]))] as const;
    });
    return new Origins(label, new Map(known));
  }

  /** The row's id here, when it was taken over now or before. */
  find(kind: OriginKind, sourceId: string): string | undefined {
    return this.known.get(kind)?.get(sourceId) ?? this.added.get(kind)?.get(sourceId);
  }

  /** Everything of a kind that was taken over before this time: ids there and here. */
  before(kind: OriginKind): ReadonlyMap<string, string> {
    return this.known.get(kind) ?? new Map();
  }

  /** Notes what became of a row. */
  add(kind: OriginKind, sourceId: string, targetId: string): void {
    const ofKind = this.added.get(kind) ?? new Map<string, string>();
    this.added.set(kind, ofKind.set(sourceId, targetId));
  }

  /** Writes what was noted. */
  async store(session: SqlSession): Promise<void> {
    for (const [kind, ids] of this.added) {
      const rows = [...ids];
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
        const part = rows.slice(at, at + ROWS_AT_ONCE);
        await session.query(
          `insert into import_origin (label, kind, source_id, target_id)
           select $1, $2, o.source_id, o.target_id from unnest($3::text[], $4::bigint[]) as o (source_id, target_id)`,
          [this.label, kind, part.map(([sourceId]) => sourceId), part.map(([, targetId]) => targetId)],
        );
      }
    }
  }
}

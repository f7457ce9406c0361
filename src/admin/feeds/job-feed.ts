import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import { JobReader, type ReadJob } from '../jobs/job-reader.js';
import { Feed } from './feed.js';

/** Jobs under way that are followed; of more, the newest. */
const FOLLOWED_MAX = 5_000;
/** Changes that one look reports; the rest comes with the next one. */
const CHANGES_MAX = 200;

/** Jobs as they change. */
@Injectable()
export class JobFeed extends Feed<ReadJob> {
  private versions: Map<string, number> | undefined;

  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(JobReader) private readonly reader: JobReader,
  ) {
    super();
  }

  protected override forget(): void {
    this.versions = undefined;
  }

  protected override async look(): Promise<readonly ReadJob[]> {
    const rows = await this.sql.query<{ id: string; version: number }>(
      `select id, version from job where due_at is not null and finished_at is null order by id desc limit ${FOLLOWED_MAX}`,
    );
    const now = new Map(rows.map(({ id, version }) => [id, version]));
    const before = this.versions;
    this.versions = now;
    if (before === undefined) return [];
    const changed = [...now].filter(([id, version]) => before.get(id) !== version).map(([id]) => id);
    // What is not under way any more has ended, and its last version was not seen.
    const ended = [...before.keys()].filter((id) => !now.has(id));
    const shown = [...ended, ...changed].slice(0, CHANGES_MAX);
    for (const id of [...ended, ...changed].slice(CHANGES_MAX)) now.set(id, -1);
    return shown.length === 0 ? [] : this.reader.byIds(shown);
  }
}

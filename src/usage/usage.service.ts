import { setImmediate as breathe } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { type CsvCell, openCsv } from '../common/csv.js';
import { Reports, ReportTimeoutError } from '../database/reports.js';
import { type GroupValues, readUsageSums, type UsageSums } from './read-usage-sums.js';
import { csvTooLong, reportTooSlow } from './usage.errors.js';
import { decodeUsageCursor, encodeUsageCursor } from './usage-cursor.js';
import { readUsageQuery, type UsageDimension, type UsageParameters, type UsageQuery } from './usage-query.js';
import { toItemView, toSumsView, type UsageItemView, type UsageSumsView } from './usage-view.js';

const CSV_LINES_MAX = 10_000;
const CSV_LINES_PER_TURN = 500;

/** One page of a report. */
export interface UsagePageView {
  readonly from: string;
  readonly to: string;
  readonly groupBy: readonly UsageDimension[];
  readonly items: readonly UsageItemView[];
  /** Of all items, not only those of this page. */
  readonly totals: UsageSumsView;
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** Columns of a CSV file, besides those it is grouped by. */
const SUM_COLUMNS = [
  'requests',
  'errors',
  'inputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
  'images',
  'videoSeconds',
  'audioSeconds',
  'characters',
  'searches',
  'cost',
] as const satisfies readonly (keyof UsageSumsView)[];

const DIMENSION_COLUMNS = {
  model: 'model',
  day: 'day',
  user_identifier: 'userIdentifier',
  key: 'keyId',
} as const satisfies Readonly<Record<UsageDimension, keyof UsageItemView>>;

/** What an account has used, exact to the moment of asking. */
@Injectable()
export class UsageService {
  constructor(@Inject(Reports) private readonly reports: Reports) {}

  /**
   * One page of a report.
   *
   * @param after cursor of the page before.
   * @throws HubError 400 for wrong parameters, 503 `report_too_slow`.
   */
  async page(
    accountId: string,
    parameters: UsageParameters,
    { after, limit }: { after: string | undefined; limit: number },
    now: Date = new Date(),
  ): Promise<UsagePageView> {
    const asked = readUsageQuery(parameters, now);
    const place = after === undefined ? undefined : decodeUsageCursor(after, parameters, asked.groupBy);
    const query = place === undefined ? asked : readUsageQuery({ ...parameters, from: place.from, to: place.to }, now);
    const { groups, totals } = await this.read(accountId, query, place?.values, limit + 1);
    const shown = groups.slice(0, limit);
    const last = groups.length > limit ? shown.at(-1) : undefined;
    const range = { from: query.from.toISOString(), to: query.to.toISOString() };
    return {
      ...range,
      groupBy: query.groupBy,
      items: shown.map((group) => toItemView(group, query)),
      totals: toSumsView(totals),
      nextCursor: last === undefined ? null : encodeUsageCursor(parameters, { ...range, values: last.values }),
    };
  }

  /**
   * A whole report as CSV.
   *
   * @throws HubError 400 for wrong parameters or more than {@link CSV_LINES_MAX} lines, 503 `report_too_slow`.
   */
  async csv(accountId: string, parameters: UsageParameters, now: Date = new Date()): Promise<string> {
    const query = readUsageQuery(parameters, now);
    const { groups } = await this.read(accountId, query, undefined, CSV_LINES_MAX + 1);
    if (groups.length > CSV_LINES_MAX) throw csvTooLong(CSV_LINES_MAX);
    const columns = [...query.groupBy.map((dimension) => DIMENSION_COLUMNS[dimension]), ...SUM_COLUMNS];
    async function* pages(): AsyncGenerator<CsvCell[][]> {
      for (let at = 0; at < groups.length; at += CSV_LINES_PER_TURN) {
        const items = groups.slice(at, at + CSV_LINES_PER_TURN).map((group) => toItemView(group, query));
        yield items.map((item) => columns.map((column) => item[column]));
        await breathe();
      }
    }
    const pieces: string[] = [];
    for await (const piece of await openCsv(columns, pages())) pieces.push(piece);
    return pieces.join('');
  }

  private async read(
    accountId: string,
    query: UsageQuery,
    after: GroupValues | undefined,
    groupsMax: number,
  ): Promise<UsageSums> {
    const page = { after, groupsMax, rowsMax: this.reports.rowsMax };
    const sums = await this.reports
      .snapshot((session) => readUsageSums(session, accountId, query, page))
      .catch((error: unknown) => {
        throw error instanceof ReportTimeoutError ? reportTooSlow(error) : error;
      });
    if (sums === undefined) throw reportTooSlow();
    return sums;
  }
}

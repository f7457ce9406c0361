import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import type { Alerts } from '../alerts/alerts.service.js';
import type { Declarations } from '../channels/declaration.js';
import { DeclarationClashError } from '../channels/declaration-clash-error.js';
import { Periodic } from '../common/periodic.js';
import { HubConfigError } from '../config/hub-config.js';
import { SettingsError } from '../config/setting-reader.js';
import type { RedisService } from '../redis/redis.service.js';
import { TOPIC_CATALOG } from '../redis/topics.js';
import type { BootstrapService } from './bootstrap.service.js';
import { type DeclaredNames, declaredNames, heavyLoss } from './heavy-loss.js';
import type { BootstrapPlan } from './plan-bootstrap.js';
import { readSettled } from './read-settled.js';

const LOOK_MS = 2000;
/** As many looks in a row must find no file before that is a complaint. */
const MISSES_MIN = 2;
/** More than an operator reads in a message; the log has all. */
const PROBLEMS_TOLD_MAX = 20;

/** A line that is neither empty nor a comment nor a mark between documents. */
const SAYS_SOMETHING = /^(?!---\s*$|\.\.\.\s*$)\s*[^#\s]/m;

/** What a reload works with. */
export interface ConfigReloadParts {
  /** Of HUB_CONFIG. */
  readonly path: string;
  /** What the file said when the hub started. */
  readonly text: string;
  /** The same, as it was applied. */
  readonly declarations: Declarations;
  /** Makes of a text what the hub is to have. @throws HubConfigError, SettingsError when it cannot be used. */
  readonly plan: (text: string) => Promise<BootstrapPlan>;
  readonly bootstrap: BootstrapService;
  readonly redis: RedisService;
  readonly alerts: Alerts;
}

/**
 * Applies HUB_CONFIG again whenever the file changes, without a restart: it is looked at every two seconds, and when that is asked
 * for. What cannot be used leaves everything as it is. Requests under way go on with what they began with; every instance follows by
 * the version of the catalogue. Several processes may watch one file: the first makes the change, the others find it made.
 */
export class ConfigReload implements AsyncDisposable {
  private readonly logger = new Logger('HubConfig');
  private readonly periodic = new Periodic(
    () => this.look(),
    LOOK_MS,
    (error) => this.logger.warn(`HUB_CONFIG could not be applied and is tried again: ${(error as Error).message}`),
  );
  /** The text that was applied or refused last; undefined for neither. */
  private settled: string | undefined;
  /** How the file looked from outside when that was read. */
  private stamp = '';
  /** The problems that were logged last, and those that an alert tells of; undefined while all is well. */
  private logged: string | undefined;
  private alerted: string | undefined;
  private isForced = false;
  /** Whether what is applied declares anything, be it an empty list. */
  private saysSomething: boolean;
  /** What is applied declares. */
  private declared: DeclaredNames;
  /** A file that takes away so much that it may be half of one: it is taken when the next look finds it unchanged. */
  private doubted: { readonly stamp: string; readonly text: string } | undefined;
  /** Looks in a row that found no file to read. */
  private misses = 0;

  constructor(private readonly parts: ConfigReloadParts) {
    this.settled = parts.text;
    this.declared = declaredNames(parts.declarations);
    this.saysSomething = SAYS_SOMETHING.test(parts.text);
  }

  /** Begins to watch. */
  start(): void {
    this.periodic.start();
  }

  /** Applies the file soon, changed or not, and says again what is wrong with it. */
  reload(): void {
    this.isForced = true;
    this.periodic.runSoon();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.periodic.stop();
  }

  /**
   * One look at the file.
   * @throws whatever else than the file keeps it from being applied, such as a database that is away; the next look tries again.
   */
  async look(): Promise<void> {
    const isForced = this.isForced;
    this.isForced = false;
    if (isForced) {
      this.settled = undefined;
      this.logged = undefined;
    }
    let stamp: string;
    let text: string | undefined;
    try {
      stamp = await this.readStamp();
      if (stamp === this.stamp && this.settled !== undefined) return;
      text = await readSettled(() => readFile(this.parts.path, 'utf8'));
    } catch (error) {
      // Some editors take a file away for a moment before they write it.
      this.misses++;
      if (this.misses < MISSES_MIN && !isForced) return;
      // What comes back is read, be it the same.
      this.settled = undefined;
      await this.refuse([`HUB_CONFIG names a file that cannot be read: ${(error as Error).message}`]);
      return;
    }
    this.misses = 0;
    if (text === undefined) return;
    if (text !== this.settled && !(await this.take(text, stamp, isForced))) return;
    this.doubted = undefined;
    this.settled = text;
    this.stamp = stamp;
  }

  /** @returns false when the file is to be looked at once more. */
  private async take(text: string, stamp: string, isForced: boolean): Promise<boolean> {
    const saysSomething = SAYS_SOMETHING.test(text);
    if (this.saysSomething && !saysSomething) {
      // What a copy leaves behind on a full disk would end every channel.
      await this.refuse([
        'HUB_CONFIG says nothing at all; where nothing is to be declared any more, write "channels: []"',
      ]);
      return true;
    }
    try {
      const plan = await this.parts.plan(text);
      if (!isForced && this.isDoubtful(text, stamp, plan)) return false;
      await this.apply(plan);
      this.saysSomething = saysSomething;
      this.declared = declaredNames(plan.declarations);
    } catch (error) {
      if (!isOfTheFile(error)) throw error;
      await this.refuse(error instanceof HubConfigError ? error.problems : [error.message]);
    }
    return true;
  }

  /** Whether a file that takes away most of what there is has not been seen twice yet, a look apart. */
  private isDoubtful(text: string, stamp: string, { declarations }: BootstrapPlan): boolean {
    const loss = heavyLoss(this.declared, declaredNames(declarations));
    if (loss === undefined) return false;
    if (this.doubted?.stamp === stamp && this.doubted.text === text) return false;
    this.doubted = { stamp, text };
    this.logger.warn(
      `HUB_CONFIG takes away ${loss}: it is applied when it is still the same in ${LOOK_MS / 1000} s, or at once on SIGHUP.`,
    );
    return true;
  }

  private async apply(plan: BootstrapPlan): Promise<void> {
    const { isChanged, notes } = await this.parts.bootstrap.apply(plan);
    this.logged = undefined;
    this.alerted = undefined;
    this.logger.log(`HUB_CONFIG was applied${isChanged ? '' : '; it changes nothing'}.`);
    if (!isChanged) return;
    // Whichever process made the change says what is to be said of it.
    for (const note of notes) this.logger.warn(note);
    await this.parts.redis.publish(TOPIC_CATALOG, '');
  }

  /** Everything stays as it is. Said once for what is wrong, and not at every look. */
  private async refuse(problems: readonly string[]): Promise<void> {
    const all = problems.join('\n');
    if (all !== this.logged) {
      this.logged = all;
      for (const problem of problems) this.logger.error(problem);
      this.logger.error('HUB_CONFIG cannot be used; the hub goes on with what it had.');
    }
    if (all === this.alerted) return;
    const day = new Date().toISOString().slice(0, 10);
    await this.parts.alerts.raise({
      kind: 'config_refused',
      severity: 'warning',
      subject: 'config',
      message: `The changed HUB_CONFIG cannot be used, and the hub goes on with what it had: ${problems[0]}`,
      details: { problems: problems.slice(0, PROBLEMS_TOLD_MAX), problemCount: problems.length },
      dedupeKey: `config_refused:${day}:${createHash('sha256').update(all).digest('hex')}`,
    });
    this.alerted = all;
  }

  private async readStamp(): Promise<string> {
    const { ino, size, mtimeMs, ctimeMs } = await stat(this.parts.path);
    return [ino, size, mtimeMs, ctimeMs].join(' ');
  }
}

/** Whether the operator has to mend the file, or what it clashes with. */
function isOfTheFile(error: unknown): error is HubConfigError | SettingsError | DeclarationClashError {
  return error instanceof HubConfigError || error instanceof SettingsError || error instanceof DeclarationClashError;
}

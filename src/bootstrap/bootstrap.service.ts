import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '../channels/catalog.types.js';
import { ChannelStore } from '../channels/channel-store.js';
import { DECLARERS } from '../channels/declaration.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { Sql } from '../database/sql.js';
import { CodeHasher } from '../redemption/code-hasher.js';
import { reconcileSandboxCode } from '../redemption/sandbox-code.js';
import { Keyring } from '../secrets/keyring.js';
import { fallbackNotes } from './fallback-notes.js';
import { type FirstStart, firstStart } from './first-start.js';
import { kindOfModel } from './kind-of-model.js';
import type { BootstrapPlan } from './plan-bootstrap.js';
import { priceNotes } from './price-notes.js';

/** What a start did and found, for the banner. */
export interface BootstrapReport {
  /** Only on the first start of an installation. */
  readonly firstStart?: FirstStart;
  /** Public names of models that are served, the most fitting for a first chat first. */
  readonly models: readonly string[];
  readonly isSandboxOn: boolean;
  readonly notes: readonly string[];
}

/** What a plan came to. */
interface AppliedPlan {
  /** Whether the catalogue is another one now. */
  readonly isChanged: boolean;
  readonly catalog: Catalog;
  /** Sentences for the operator. */
  readonly notes: readonly string[];
}

/** Prepares the database for serving. */
@Injectable()
export class BootstrapService {
  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(ChannelStore) private readonly channels: ChannelStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Makes what a first start needs, and what the plan declares. Safe to run at every start and on several instances. */
  async run(plan: BootstrapPlan): Promise<BootstrapReport> {
    const { catalog, notes } = await this.apply(plan);
    return {
      // Last: its secrets exist nowhere else, and a failure after it would leave nobody who has seen them.
      firstStart: await firstStart(this.sql, this.keyring, this.settings.bootstrap),
      models: chatFirst(plan, [...catalog.models.keys()]),
      isSandboxOn: plan.isSandboxOn,
      notes,
    };
  }

  /**
   * Makes the tables say what the plan declares. Doing it again changes nothing.
   * @throws DeclarationClashError when a name belongs to a row an operator made.
   */
  async apply(plan: BootstrapPlan): Promise<AppliedPlan> {
    const isChanged = await this.channels.reconcile(plan.declarations);
    const catalog = await this.channels.loadCatalog();
    // Money for nothing has no place in production, whatever answers there.
    const isCodeFree = plan.isSandboxOn && !this.settings.isProduction;
    await reconcileSandboxCode(this.sql, new CodeHasher(this.keyring), isCodeFree);
    return { isChanged, catalog, notes: [...plan.notes, ...fallbackNotes(catalog), ...priceNotes(catalog)] };
  }
}

/** Declared models in the order of their declaration, as a vendor lists its best known first; then the others. */
function chatFirst(plan: BootstrapPlan, served: readonly string[]): string[] {
  const declared = DECLARERS.flatMap((declarer) => plan.declarations[declarer]?.channels ?? []).flatMap((channel) => [
    ...channel.models.keys(),
  ]);
  const isServed = new Set(served);
  const names = [...new Set([...declared.filter((name) => isServed.has(name)), ...served])];
  const isChat = (name: string): boolean => kindOfModel(name) === 'chat';
  return [...names.filter(isChat), ...names.filter((name) => !isChat(name))];
}

import { Inject, Injectable } from '@nestjs/common';
import { ChannelStore } from '../channels/channel-store.js';
import { DECLARERS } from '../channels/declaration.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { Sql } from '../database/sql.js';
import { CodeHasher } from '../redemption/code-hasher.js';
import { reconcileSandboxCode } from '../redemption/sandbox-code.js';
import { Keyring } from '../secrets/keyring.js';
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
    await this.channels.reconcile(plan.declarations);
    const catalog = await this.channels.loadCatalog();
    // Money for nothing has no place in production, whatever answers there.
    const isCodeFree = plan.isSandboxOn && !this.settings.isProduction;
    await reconcileSandboxCode(this.sql, new CodeHasher(this.keyring), isCodeFree);
    return {
      // Last: its secrets exist nowhere else, and a failure after it would leave nobody who has seen them.
      firstStart: await firstStart(this.sql, this.keyring, this.settings.bootstrap),
      models: chatFirst(plan, [...catalog.models.keys()]),
      isSandboxOn: plan.isSandboxOn,
      notes: [...plan.notes, ...priceNotes(catalog)],
    };
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

import { Inject, Injectable, Logger } from '@nestjs/common';
import { bumpCatalogVersion, lockCatalog, readCatalogVersion } from '../database/catalog-version.js';
import { Sql, type SqlSession } from '../database/sql.js';
import { toLimitSubject } from '../limits/limit-subject.js';
import { loadGroups } from '../pricing/load-groups.js';
import { loadPrices } from '../pricing/load-prices.js';
import { reconcileGroups } from '../pricing/reconcile-groups.js';
import { reconcilePrices } from '../pricing/reconcile-prices.js';
import type { VideoModelPatch } from '../providers/canonical/video.js';
import { CredentialCipher } from '../secrets/credential-cipher.js';
import type { Catalog, CatalogChannel, CatalogModel } from './catalog.types.js';
import { splitCredentials } from './channel-secrets.js';
import { callbackSecretBinding, credentialBinding } from './credential-binding.js';
import { DECLARERS, type Declarations, type OnDisconnect } from './declaration.js';
import type { ModelRouting } from './model-routing.js';
import { eraseRemovedSecrets } from './own-channels.js';
import { reconcileChannels } from './reconcile-channels.js';
import { dropModels, writeModels } from './reconcile-models.js';
import { toWantedState, type WantedChannelPrice } from './wanted-state.js';

interface ChannelRow {
  id: string;
  name: string;
  provider: string;
  base_url: string | null;
  credential: Buffer | null;
  allow_private_network: boolean;
  priority: number;
  weight: number;
  tasks_max: number | null;
  concurrency_max: number | null;
  callback_secret: Buffer | null;
}

interface RouteRow {
  channel_id: string;
  model_id: string;
  upstream_model: string;
  priority: number | null;
  weight: number | null;
}

interface ModelRow {
  id: string;
  on_disconnect: OnDisconnect;
  output_tokens_default: number | null;
  video: VideoModelPatch | null;
  routing: ModelRouting | null;
  rpm_limit: number | null;
  tpm_limit: number | null;
  concurrency_limit: number | null;
  created_at: Date;
  is_served: boolean;
}

const CHANNEL_COLUMNS =
  'id, name, provider, base_url, credential, allow_private_network, priority, weight, tasks_max, concurrency_max, callback_secret';

/** Stored channels, models and routes, and what they cost. */
@Injectable()
export class ChannelStore {
  private readonly logger = new Logger(ChannelStore.name);

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(CredentialCipher) private readonly cipher: CredentialCipher,
  ) {}

  /** Grows with every change of channels, models, routes, prices or groups. One read of one row. */
  async catalogVersion(): Promise<bigint> {
    return readCatalogVersion(this.sql);
  }

  /** Reads everything routable as of one moment, credentials opened. */
  async loadCatalog(): Promise<Catalog> {
    const { channels, routes, models, ...rest } = await this.sql.transaction(async (session) => {
      // One snapshot for all reads: a route must not point at a channel of another version, nor be sold at its price.
      await session.query('set transaction isolation level repeatable read, read only');
      return {
        version: await readCatalogVersion(session),
        channels: await session.query<ChannelRow>(
          `select ${CHANNEL_COLUMNS} from channel where enabled order by priority desc, id`,
        ),
        routes: await session.query<RouteRow>(
          `select channel_id, model_id, upstream_model, priority, weight from route`,
        ),
        models: await session.query<ModelRow>(
          `select * from (
             select id, on_disconnect, output_tokens_default, video, routing, rpm_limit, tpm_limit, concurrency_limit, created_at,
                    exists (select from route r join channel c on c.id = r.channel_id and c.enabled where r.model_id = m.id) as is_served
               from model m) model
            where is_served or routing -> 'fallbacks' is not null
            order by id`,
        ),
        prices: await loadPrices(session),
        groups: await loadGroups(session),
      };
    });
    const routesByChannel = Map.groupBy(routes, (route) => route.channel_id);
    const opened = await Promise.all(channels.map((row) => this.toChannel(row, routesByChannel.get(row.id) ?? [])));
    return {
      ...rest,
      channels: opened.filter((channel) => channel !== undefined),
      models: toModels(models.filter((row) => row.is_served)),
      dormant: toModels(models.filter((row) => !row.is_served)),
    };
  }

  /** A channel, also one that is switched off: what it has begun must be brought to an end. */
  async findChannel(id: string): Promise<CatalogChannel | undefined> {
    const [row] = await this.sql.query<ChannelRow>(`select ${CHANNEL_COLUMNS} from channel where id = $1`, [id]);
    return row && (await this.toChannel(row, []));
  }

  /** The same by its name: what it has begun may have news. */
  async findChannelNamed(name: string): Promise<CatalogChannel | undefined> {
    const [row] = await this.sql.query<{ id: string }>(`select id from channel where name = $1`, [name]);
    return row && (await this.findChannel(row.id));
  }

  /**
   * Makes the tables say what is declared now, all or nothing. Doing it again changes nothing.
   *
   * @returns true when something was changed, and with it the catalogue's version.
   * @throws DeclarationClashError when a name belongs to a row an operator made.
   */
  reconcile(declarations: Declarations): Promise<boolean> {
    const wanted = toWantedState(declarations);
    return this.sql.transaction(async (session) => {
      // Instances that start together take turns.
      await lockCatalog(session);
      // Nobody routes by them, so this is no change of the catalogue.
      await eraseRemovedSecrets(session);
      const isModelsWritten = await writeModels(session, wanted.models);
      const isChannelsChanged = await reconcileChannels(session, this.cipher, wanted.channels);
      const isModelsDropped = await dropModels(session, wanted.models);
      const isPricesChanged = await reconcilePrices(session, DECLARERS, await withChannelIds(session, wanted.prices));
      const isGroupsChanged = await reconcileGroups(session, declarations.groups ?? []);
      const isChanged = isModelsWritten || isChannelsChanged || isModelsDropped || isPricesChanged || isGroupsChanged;
      if (isChanged) await bumpCatalogVersion(session);
      return isChanged;
    });
  }

  /**
   * Encrypts again, with the active key, every credential and callback secret that an older key protects.
   * @returns how many.
   */
  async resealCredentials(): Promise<number> {
    return this.sql.transaction(async (session) => {
      const credentials = await this.reseal(session, 'credential', credentialBinding);
      return credentials + (await this.reseal(session, 'callback_secret', callbackSecretBinding));
    });
  }

  private async reseal(
    session: SqlSession,
    column: 'credential' | 'callback_secret',
    bindingOf: (id: string) => string,
  ): Promise<number> {
    const rows = await session.query<{ id: string; sealed: Buffer }>(
      `select id, ${column} as sealed from channel where ${column} is not null order by id for update`,
    );
    const outdated = rows.filter((row) => this.cipher.isOutdated(row.sealed));
    for (const { id, sealed } of outdated) {
      const plain = await this.cipher.decrypt(sealed, bindingOf(id), session);
      const resealed = this.cipher.encrypt(plain, bindingOf(id));
      await session.query(`update channel set ${column} = $2 where id = $1`, [id, resealed]);
    }
    return outdated.length;
  }

  /** One that does not open is as good as none: callbacks only make the hub look sooner. */
  private async openCallbackSecret({ id, name, callback_secret: sealed }: ChannelRow): Promise<string | undefined> {
    if (sealed === null) return undefined;
    try {
      return await this.cipher.decrypt(sealed, callbackSecretBinding(id));
    } catch (error) {
      this.logger.error(`The callback secret of channel "${name}" does not open; no callbacks are taken: ${error}`);
      return undefined;
    }
  }

  private async openCredentials({ id, credential }: ChannelRow): Promise<readonly string[]> {
    return credential === null ? [] : splitCredentials(await this.cipher.decrypt(credential, credentialBinding(id)));
  }

  /** A channel whose credential does not open is left out: one damaged row must not take the others down. */
  private async toChannel(row: ChannelRow, routes: readonly RouteRow[]): Promise<CatalogChannel | undefined> {
    try {
      const [credential, ...more] = await this.openCredentials(row);
      return {
        id: row.id,
        name: row.name,
        provider: row.provider,
        baseUrl: row.base_url ?? undefined,
        credential,
        moreCredentials: more.length === 0 ? undefined : more,
        allowPrivateNetwork: row.allow_private_network,
        priority: row.priority,
        weight: row.weight,
        concurrencyMax: row.concurrency_max ?? undefined,
        tasksMax: row.tasks_max ?? undefined,
        callbackSecret: await this.openCallbackSecret(row),
        models: new Map(routes.map((route) => [route.model_id, route.upstream_model])),
        places: toPlaces(routes),
      };
    } catch (error) {
      this.logger.error(`The credential of channel "${row.name}" does not open; the channel is not used: ${error}`);
      return undefined;
    }
  }
}

/** Puts the ids of channels, which all exist by now, in the place of their names. */
async function withChannelIds(session: SqlSession, prices: readonly WantedChannelPrice[]) {
  const rows = await session.query<{ id: string; name: string }>(`select id, name from channel`);
  const ids = new Map(rows.map(({ id, name }) => [name, id]));
  return prices.map(({ channel, ...price }) => {
    const channelId = channel === undefined ? undefined : ids.get(channel);
    if (channel !== undefined && channelId === undefined) throw new Error(`The channel "${channel}" was not stored`);
    return { ...price, channelId };
  });
}

/** Undefined where every route has the channel's own place. */
function toPlaces(routes: readonly RouteRow[]): CatalogChannel['places'] {
  const placed = routes.filter(({ priority, weight }) => priority !== null || weight !== null);
  if (placed.length === 0) return undefined;
  return new Map(
    placed.map(({ model_id, priority, weight }) => [
      model_id,
      { priority: priority ?? undefined, weight: weight ?? undefined },
    ]),
  );
}

function toModels(rows: readonly ModelRow[]): ReadonlyMap<string, CatalogModel> {
  return new Map(rows.map((row) => [row.id, toModel(row)]));
}

function toModel(row: ModelRow): CatalogModel {
  const limits = { rpm: row.rpm_limit, tpm: row.tpm_limit, concurrency: row.concurrency_limit };
  return {
    id: row.id,
    onDisconnect: row.on_disconnect,
    outputTokensDefault: row.output_tokens_default ?? undefined,
    video: row.video ?? undefined,
    routing: row.routing ?? undefined,
    limits: toLimitSubject('model', row.id, limits),
    createdAt: row.created_at,
  };
}

import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { IMPORTED_API_KEY_LENGTH, isWellFormedApiKey } from '../common/api-key.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { Sql } from '../database/sql.js';
import { ApiKeyHasher } from '../keys/api-key-hasher.js';
import { RedisService } from '../redis/redis.service.js';
import { TOPIC_KEYS } from '../redis/topics.js';
import { Keyring } from '../secrets/keyring.js';
import { ApiKeyCache } from './api-key-cache.js';
import {
  accountNotActive,
  expiredApiKey,
  keyCheckUnavailable,
  missingApiKey,
  revokedApiKey,
  unknownApiKey,
} from './auth.errors.js';
import { type Caller, type StoredApiKey, toCaller } from './caller.js';
import { findApiKey } from './find-api-key.js';
import { ImportedKeys } from './imported-keys.js';
import { LastUsedRecorder } from './last-used-recorder.js';

interface KnownKey {
  readonly stored: StoredApiKey;
  readonly caller: Caller;
}

/** Decides who a request comes from. */
@Injectable()
export class ApiKeyService {
  private readonly cache: ApiKeyCache<KnownKey>;
  private readonly hasher: ApiKeyHasher;
  /** Apart from the others: guesses in a format without a checksum must not push real keys out of their cache. */
  private readonly importedCache: ApiKeyCache<KnownKey>;
  private readonly importedHasher: ApiKeyHasher;

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(Keyring) keyring: Keyring,
    @Inject(RedisService) redis: RedisService,
    @Inject(LastUsedRecorder) private readonly lastUsed: LastUsedRecorder,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(ImportedKeys) private readonly imported: ImportedKeys,
  ) {
    this.hasher = new ApiKeyHasher(keyring.apiKeyPepper);
    this.cache = new ApiKeyCache((hash) => this.load(hash));
    this.importedHasher = new ApiKeyHasher(keyring.apiKeyPepper, IMPORTED_API_KEY_LENGTH);
    this.importedCache = new ApiKeyCache((hash) => this.load(hash));
    redis.subscribe(TOPIC_KEYS, () => {
      this.cache.forget();
      this.importedCache.forget();
    });
  }

  /**
   * Accepts or refuses the Authorization header. At once when the key was seen in the last seconds.
   * @throws HubError 401 (none, malformed, unknown, expired), 403 (revoked, account not active), 503 (cannot be checked).
   */
  authenticate(authorization: string | undefined): Caller | Promise<Caller> {
    const key = bearerOf(authorization);
    const known = isWellFormedApiKey(key) ? this.cache.get(this.hasher.hash(key)) : this.findImported(key);
    if (known instanceof Promise) return known.then((found) => this.accept(found), refuseUnchecked);
    return this.accept(known);
  }

  /** True when the key in this header has been seen lately and exists; asks nobody. */
  isKnown(authorization: string | undefined): boolean {
    const key = findBearer(authorization);
    if (key === undefined) return false;
    if (isWellFormedApiKey(key)) return this.cache.isKnown(this.hasher.hash(key));
    return this.imported.accepts(key) && this.importedCache.isKnown(this.importedHasher.hash(key));
  }

  /** @throws HubError 401 unless keys of this form have been imported: then nobody is asked. */
  private findImported(key: string): KnownKey | null | Promise<KnownKey | null> {
    if (!this.imported.accepts(key)) throw unknownApiKey();
    return this.importedCache.get(this.importedHasher.hash(key));
  }

  private accept(known: KnownKey | null): Caller {
    if (known === null) throw unknownApiKey();
    const { stored, caller } = known;
    if (stored.isRevoked) throw revokedApiKey();
    if (stored.expiresAtMs !== null && stored.expiresAtMs <= Date.now()) throw expiredApiKey();
    if (stored.accountStatus !== 'active') throw accountNotActive();
    this.lastUsed.note(caller.keyId);
    return caller;
  }

  private async load(hash: string): Promise<KnownKey | null> {
    const wanted = Buffer.from(hash, 'base64');
    const stored = await findApiKey(this.sql, wanted);
    if (stored === null || !timingSafeEqual(stored.keyHash, wanted)) return null;
    return { stored, caller: toCaller(stored, this.settings.limits) };
  }
}

function bearerOf(authorization: string | undefined): string {
  const key = findBearer(authorization);
  if (key === undefined) throw missingApiKey();
  return key;
}

function findBearer(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization === '') return undefined;
  const space = authorization.indexOf(' ');
  if (space === -1 || authorization.slice(0, space).toLowerCase() !== 'bearer') return undefined;
  return authorization.slice(space + 1).trim();
}

function refuseUnchecked(error: unknown): never {
  throw keyCheckUnavailable(error);
}

import { ChannelStore } from '../channels/channel-store.js';
import type { Settings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { RedisService } from '../redis/redis.service.js';
import { CredentialCipher } from '../secrets/credential-cipher.js';
import { openKeyring } from '../secrets/open-keyring.js';
import type { CommandContext } from './command.js';

/** Opens what commands work on, lends it to `use`, and closes it. */
export async function withContext<Result>(
  settings: Settings,
  use: (context: CommandContext) => Promise<Result>,
): Promise<Result> {
  const database = await Database.open(settings.database);
  const redis = new RedisService(settings.redisUrl);
  try {
    const keyring = await openKeyring(database.sql, settings);
    const channels = new ChannelStore(database.sql, new CredentialCipher(keyring));
    const publish = (topic: string) => redis.publish(topic, '');
    return await use({ sql: database.sql, keyring, channels, settings, publish });
  } finally {
    await redis.onApplicationShutdown();
    await database.close();
  }
}

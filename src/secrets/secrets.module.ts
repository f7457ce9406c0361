import { Global, Module } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { Sql } from '../database/sql.js';
import { CredentialCipher } from './credential-cipher.js';
import { Keyring } from './keyring.js';
import { openKeyring } from './open-keyring.js';

/** Keys and ciphers for what is stored encrypted or hashed. */
@Global()
@Module({
  providers: [
    {
      provide: Keyring,
      useFactory: (sql: Sql, settings: Settings) => openKeyring(sql, settings),
      inject: [Sql, SETTINGS],
    },
    CredentialCipher,
  ],
  exports: [Keyring, CredentialCipher],
})
export class SecretsModule {}

import { EntityManager, MikroORM } from '@mikro-orm/core';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../config/settings.js';
import { Database } from './database.js';
import { Reports } from './reports.js';
import { ADMIN_SQL, LEDGER_SQL, Sql } from './sql.js';

/**
 * Makes {@link Sql}, {@link Reports}, `MikroORM` and `EntityManager` injectable everywhere. The ORM is opened here rather than by
 * `@mikro-orm/nestjs`, because the embedded database must be locked before and released after it, and because its request
 * context would cost every relayed request a middleware.
 */
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @param source settings to open a database by, or one that is open already; it is closed with the application. */
  static forRoot(source: Settings | Database): DynamicModule {
    const open = () => (source instanceof Database ? source : Database.open(source.database));
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: Database, useFactory: open },
        { provide: Sql, useFactory: (database: Database) => database.sql, inject: [Database] },
        { provide: LEDGER_SQL, useFactory: (database: Database) => database.ledgerSql, inject: [Database] },
        { provide: ADMIN_SQL, useFactory: (database: Database) => database.adminSql, inject: [Database] },
        { provide: Reports, useFactory: (database: Database) => database.reports, inject: [Database] },
        { provide: MikroORM, useFactory: (database: Database) => database.orm, inject: [Database] },
        { provide: EntityManager, useFactory: (database: Database) => database.orm.em, inject: [Database] },
      ],
      exports: [Database, Sql, LEDGER_SQL, ADMIN_SQL, Reports, MikroORM, EntityManager],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

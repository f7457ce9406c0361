import { Inject, Injectable } from '@nestjs/common';
import { bumpCatalogVersion, lockCatalog } from '../../database/catalog-version.js';
import type { SqlSession } from '../../database/sql.js';
import { RedisService } from '../../redis/redis.service.js';
import { TOPIC_CATALOG } from '../../redis/topics.js';
import { ModelCatalog } from '../../routing/model-catalog.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Mutations, type Trail } from '../graphql/mutations.js';

/** Runs the mutations that change channels, models, routes or prices: one after another, and noticed by every instance. */
@Injectable()
export class CatalogueChanges {
  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(RedisService) private readonly redis: RedisService,
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
  ) {}

  /**
   * As {@link Mutations.run}, holding the catalogue's lock. Unless the work refuses, the catalogue's version grows with it, and
   * this instance goes by what was changed before the answer is sent.
   */
  async run<Result>(
    context: AdminContext,
    work: (session: SqlSession, trail: Trail) => Promise<Result>,
  ): Promise<Result> {
    return this.mutations.run(context, async (session, trail) => {
      await lockCatalog(session);
      const result = await work(session, trail);
      if (trail.isRefused) return result;
      await bumpCatalogVersion(session);
      trail.after(async () => {
        await this.redis.publish(TOPIC_CATALOG, '');
        await this.catalog.catchUp();
      });
      return result;
    });
  }
}

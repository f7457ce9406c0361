import { Inject, Injectable } from '@nestjs/common';
import { AbstractGraphQLDriver, type GqlModuleOptions } from '@nestjs/graphql';
import type { GraphQLSchema } from 'graphql';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import { AdminServer } from './admin-server.js';
import { AdminServerHolder } from './admin-server-holder.js';
import { guardSchema } from './guard-schema.js';

/**
 * Builds the schema from the resolvers and starts Apollo with it. The route is a controller of ours rather than one that the
 * driver registers, since bodies, errors and sign-in follow the hub's own rules.
 */
@Injectable()
export class HubGraphqlDriver extends AbstractGraphQLDriver<GqlModuleOptions> {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(AdminServerHolder) private readonly holder: AdminServerHolder,
  ) {
    super();
  }

  override generateSchema(options: GqlModuleOptions): Promise<GraphQLSchema> | null {
    return super.generateSchema(options)?.then(guardSchema) ?? null;
  }

  async start({ schema }: GqlModuleOptions): Promise<void> {
    if (schema === undefined) throw new Error('The admin API has no schema');
    this.holder.server = await AdminServer.start(schema, this.settings.admin.isPlaygroundOn);
  }

  async stop(): Promise<void> {
    await this.holder.server?.stop();
  }
}

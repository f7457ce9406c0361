import { readFileSync } from 'node:fs';
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiUndocumented } from '../../common/api-operation.decorator.js';
import { Public } from '../../common/public.decorator.js';
import { readBody } from '../../common/read-body.js';
import { requireJson } from '../../common/require-json.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import { Throttled } from '../../limits/throttled.decorator.js';
import { AdminContext } from './admin-context.js';
import type { AdminServer, GraphqlAnswer, GraphqlRequest } from './admin-server.js';
import { AdminServerHolder } from './admin-server-holder.js';
import { Authenticate } from './authenticate.js';
import { REQUEST_BYTES_MAX } from './limits.js';
import { OpenSubscriptions } from './open-subscriptions.js';
import { operationHash, operationNotListed, readGraphqlRequest } from './read-graphql-request.js';
import { sendSubscription } from './send-subscription.js';

/** The admin API. Who may do what is declared by the fields of its schema. */
@Public()
@Throttled('admin')
@Controller('graphql')
export class GraphqlController {
  private readonly allowed: ReadonlySet<string> | undefined;
  private readonly subscriptions = new OpenSubscriptions();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(AdminServerHolder) private readonly holder: AdminServerHolder,
    @Inject(Authenticate) private readonly authenticate: Authenticate,
  ) {
    const file = settings.admin.operationsFile;
    this.allowed = file === undefined ? undefined : readOperations(file);
  }

  @Post()
  @ApiUndocumented('It has a schema of its own, src/schema.gql.')
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    requireJson(request);
    const actor = await this.authenticate.actorOf(request);
    const operation = readGraphqlRequest(await readBody(request.raw, REQUEST_BYTES_MAX));
    if (this.allowed !== undefined && !this.allowed.has(operationHash(operation.query))) throw operationNotListed();
    const context = new AdminContext(request, reply, actor);
    if (accepts(request, 'text/event-stream')) await this.stream(operation, context);
    else send(reply, await this.server().execute(operation, context));
  }

  private async stream(operation: GraphqlRequest, context: AdminContext): Promise<void> {
    const { actor } = context;
    const end = actor && this.subscriptions.begin(actor.userId);
    try {
      const events = await this.server().subscribe(operation, context);
      if ('status' in events) return send(context.res, events);
      // Every subscription needs a permission, so there is an actor.
      const known = context.requireActor();
      const isStillValid = (): Promise<boolean> => this.authenticate.isStillValid(context.req, known);
      await sendSubscription(context.res, events, this.settings.relay.streamPingMs, isStillValid);
    } finally {
      end?.();
    }
  }

  private server(): AdminServer {
    const { server } = this.holder;
    if (server === undefined) throw new Error('The admin API has not started');
    return server;
  }
}

function send(reply: FastifyReply, { status, body }: GraphqlAnswer): void {
  reply
    .status(status)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(body));
}

function accepts(request: FastifyRequest, type: string): boolean {
  return request.headers.accept?.includes(type) === true;
}

/** @throws Error, which stops the start and names the setting, when the file is not a JSON array of documents. */
function readOperations(file: string): ReadonlySet<string> {
  const documents = parseFile(file);
  if (!Array.isArray(documents) || !documents.every((each) => typeof each === 'string')) {
    throw new Error('HUB_ADMIN_OPERATIONS must name a JSON file with an array of GraphQL documents.');
  }
  return new Set(documents.map(operationHash));
}

function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`HUB_ADMIN_OPERATIONS names a file that cannot be read: ${(error as Error).message}`);
  }
}

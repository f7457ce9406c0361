import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  subscribe,
  validate,
} from 'graphql';
import type { AdminContext } from './admin-context.js';
import { checkSize, introspectionOff, TOKENS_MAX } from './limits.js';
import { measureOperation } from './measure-operation.js';
import { presentGraphqlError } from './present-graphql-error.js';

/** One operation as it comes in a request body. */
export interface GraphqlRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** What is sent back for an operation. */
export interface GraphqlAnswer {
  /** 200 when the operation was executed, whatever became of its fields; when it could not be, that of its error: 400 or 401. */
  readonly status: number;
  readonly body: FormattedExecutionResult;
}

/** The events of a subscription; `return` ends it at once. */
export interface SubscriptionEvents {
  next(): Promise<IteratorResult<FormattedExecutionResult, void>>;
  return(): Promise<unknown>;
}

/** Apollo with the hub's limits and errors. */
export class AdminServer {
  private constructor(
    readonly schema: GraphQLSchema,
    private readonly apollo: ApolloServer<AdminContext>,
    /** Whether tools may read the schema. */
    readonly tellsSchema: boolean,
  ) {}

  /** @param tellsSchema people who have signed in may read the schema, and misspelt names are answered with a guess. */
  static async start(schema: GraphQLSchema, tellsSchema: boolean): Promise<AdminServer> {
    const apollo = new ApolloServer<AdminContext>({
      schema,
      // Who may is decided by the plugin, which knows who asks.
      introspection: true,
      plugins: [hubPlugin(schema, tellsSchema)],
      parseOptions: { maxTokens: TOKENS_MAX },
      persistedQueries: false,
      hideSchemaDetailsFromClientErrors: !tellsSchema,
      includeStacktraceInErrorResponses: false,
      // The process has handlers of its own.
      stopOnTerminationSignals: false,
      logger: SILENT,
    });
    await apollo.start();
    return new AdminServer(schema, apollo, tellsSchema);
  }

  /** Executes a query or mutation. Errors of the operation and its fields are part of the answer. */
  async execute(request: GraphqlRequest, contextValue: AdminContext): Promise<GraphqlAnswer> {
    const { query, operationName, variables } = request;
    const { body, http } = await this.apollo.executeOperation({ query, operationName, variables }, { contextValue });
    // Incremental delivery is a directive that our schema does not have.
    if (body.kind !== 'single') throw new Error('An operation of the admin API answered in parts');
    return { status: statusOf(http.status, body.singleResult), body: body.singleResult };
  }

  /**
   * Begins a subscription.
   * @returns its events, or why there are none.
   */
  async subscribe(request: GraphqlRequest, contextValue: AdminContext): Promise<SubscriptionEvents | GraphqlAnswer> {
    const present = (errors: readonly unknown[]): GraphqlAnswer => {
      const body = { errors: errors.map((error) => presentGraphqlError(error, contextValue.req.id, this.tellsSchema)) };
      return { status: statusOf(400, body), body };
    };
    try {
      const document = parse(request.query, { maxTokens: TOKENS_MAX });
      const errors = validate(this.schema, document);
      if (errors.length > 0) return present(errors);
      const operation = getOperationAST(document, request.operationName);
      if (operation?.operation !== 'subscription') return present([new GraphQLError('This is not a subscription.')]);
      checkOperation(measureOperation(this.schema, document, operation, request.variables ?? {}), contextValue, this);
      const { operationName, variables: variableValues } = request;
      const events = await subscribe({ schema: this.schema, document, operationName, variableValues, contextValue });
      if ('errors' in events && !(Symbol.asyncIterator in events)) return present(events.errors ?? []);
      return presentEvents(events as AsyncGenerator<FormattedExecutionResult, void>, contextValue);
    } catch (error) {
      return present([error]);
    }
  }

  async stop(): Promise<void> {
    await this.apollo.stop();
  }
}

/**
 * The HTTP status of an answer. Of refusals that do not come from GraphQL itself, such as an operation that is too large, Apollo
 * knows only that a plugin threw, and would say 500.
 *
 * @param byDefault what Apollo says; undefined when the operation was executed.
 */
function statusOf(byDefault: number | undefined, { errors }: FormattedExecutionResult): number {
  if (byDefault === undefined || byDefault === 200) return 200;
  const stated = errors?.[0]?.extensions?.['status'];
  return typeof stated === 'number' ? stated : byDefault;
}

/** Errors are logged where they are shown. */
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function checkOperation(
  size: ReturnType<typeof measureOperation>,
  context: AdminContext,
  { tellsSchema }: { readonly tellsSchema: boolean },
): void {
  checkSize(size);
  if (!size.isIntrospection) return;
  context.requireActor();
  if (!tellsSchema) throw introspectionOff();
}

function hubPlugin(schema: GraphQLSchema, tellsSchema: boolean): ApolloServerPlugin<AdminContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ document, operation, request, contextValue }) => {
        if (operation === undefined) return;
        checkOperation(measureOperation(schema, document, operation, request.variables ?? {}), contextValue, {
          tellsSchema,
        });
      },
      willSendResponse: async ({ response, errors, contextValue }) => {
        if (errors === undefined || errors.length === 0 || response.body.kind !== 'single') return;
        response.body.singleResult.errors = errors.map((error) =>
          presentGraphqlError(error, contextValue.req.id, tellsSchema),
        );
      },
    }),
  };
}

/** Not a generator: one that waits for its next event would not hear `return` before that came. */
function presentEvents(
  events: AsyncGenerator<FormattedExecutionResult, void>,
  { loaders, req }: AdminContext,
): SubscriptionEvents {
  const present = (
    result: IteratorResult<FormattedExecutionResult, void>,
  ): IteratorResult<FormattedExecutionResult, void> => {
    const errors = result.done === true ? undefined : result.value.errors;
    if (result.done === true || errors === undefined) return result;
    return {
      done: false,
      value: { ...result.value, errors: errors.map((error) => presentGraphqlError(error, req.id)) },
    };
  };
  return {
    next: async () => {
      // All events have one context, for up to an hour.
      loaders.clear();
      return present(await events.next());
    },
    return: async () => present(await events.return(undefined)),
  };
}

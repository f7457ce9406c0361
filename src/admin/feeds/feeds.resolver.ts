import { Inject } from '@nestjs/common';
import { Args, Context, Resolver, Subscription } from '@nestjs/graphql';
import type { Permission } from '../../users/permission.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { notFound } from '../graphql/graphql.errors.js';
import { toVideoJob } from '../jobs/job-reader.js';
import { VideoJob } from '../jobs/video-job.type.js';
import { FeedArgs, FinishedRequest } from './feed.types.js';
import { JobFeed } from './job-feed.js';
import { RequestFeed } from './request-feed.js';

/** What happens, as it happens. */
@Resolver()
export class FeedsResolver {
  constructor(
    @Inject(RequestFeed) private readonly requests: RequestFeed,
    @Inject(JobFeed) private readonly jobs: JobFeed,
  ) {}

  @Subscription(() => FinishedRequest, {
    description: 'Requests as they end, within about a second, at most 500 a second; `requests` lists all of them.',
    resolve: (request: FinishedRequest) => request,
  })
  @Allow('usage:read')
  requestFeed(@Args() args: FeedArgs, @Context() context: AdminContext): AsyncIterableIterator<FinishedRequest> {
    return only(
      () => this.requests.listen(),
      context,
      'usage:read',
      args,
      (request) => request,
    );
  }

  @Subscription(() => VideoJob, {
    description: 'Jobs as they change, within about a second.',
    resolve: (job: VideoJob) => job,
  })
  @Allow('jobs:read')
  jobFeed(@Args() args: FeedArgs, @Context() context: AdminContext): AsyncIterableIterator<VideoJob> {
    return only(() => this.jobs.listen(), context, 'jobs:read', args, toVideoJob);
  }
}

/**
 * The events of one account, or of all for staff. Ends at once when the iterator is told to return.
 *
 * @param listen begins to listen; not called when the account is somebody else's.
 * @throws HubError 404 for a member who names another account.
 */
function only<Item extends { readonly accountId: string }, Shown>(
  listen: () => AsyncIterableIterator<Item, undefined>,
  context: AdminContext,
  permission: Permission,
  { accountId }: FeedArgs,
  show: (item: Item) => Shown,
): AsyncIterableIterator<Shown> {
  const own = context.scope(permission);
  if (own !== null && accountId != null && accountId !== own) {
    throw notFound('account', accountId.slice(0, 64), 'accountId');
  }
  const wanted = own ?? accountId;
  const isWanted = (item: Item): boolean => wanted == null || item.accountId === wanted;
  const items = listen();
  const next = async (): Promise<IteratorResult<Shown>> => {
    for (;;) {
      const result = await items.next();
      if (result.done === true) return { done: true, value: undefined };
      if (isWanted(result.value)) return { done: false, value: show(result.value) };
    }
  };
  return {
    next,
    return: async () => {
      await items.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

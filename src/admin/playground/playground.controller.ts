import { Controller, Get, Headers, Inject, NotFoundException, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiUndocumented } from '../../common/api-operation.decorator.js';
import { HubError } from '../../common/hub-error.js';
import { Public } from '../../common/public.decorator.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import { pickLanguage } from '../../docs/page/language.js';
import { Throttled } from '../../limits/throttled.decorator.js';
import { Authenticate } from '../graphql/authenticate.js';
import { readPlaygroundAsset } from './playground-assets.js';
import { playgroundPage, signInPage } from './playground-pages.js';

/** Everything from our own origin. GraphiQL's editor sets styles on its elements, which no list of hashes can cover. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self' 'unsafe-inline'",
  "script-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** GraphiQL at /graphql, behind sign-in. Requests by GET change nothing and execute nothing. */
@Public()
@Throttled('admin')
@Controller('graphql')
export class PlaygroundController {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(Authenticate) private readonly authenticate: Authenticate,
  ) {}

  @Get()
  @ApiUndocumented('It is a page for people.')
  async page(
    @Query('query') query: unknown,
    @Headers('accept-language') acceptLanguage: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (query !== undefined || !this.settings.admin.isPlaygroundOn) throw postOnly();
    const actor = await this.authenticate.viewerOf(request);
    const language = pickLanguage(undefined, acceptLanguage);
    reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .header('content-language', language)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(actor === undefined ? signInPage(language) : playgroundPage(language, actor));
  }

  @Get('assets/:name')
  @ApiUndocumented('It is a part of a page.')
  async asset(@Param('name') name: string, @Res() reply: FastifyReply): Promise<void> {
    const asset = this.settings.admin.isPlaygroundOn ? await readPlaygroundAsset(name) : undefined;
    if (asset === undefined) throw new NotFoundException();
    reply
      .header('cache-control', asset.cacheControl)
      .header('x-content-type-options', 'nosniff')
      .type(asset.type)
      .send(asset.bytes);
  }
}

function postOnly(): HubError {
  return new HubError({
    status: 405,
    code: 'method_not_allowed',
    message: 'Send GraphQL operations by POST, as JSON.',
    shouldRetry: false,
    headers: { allow: 'POST' },
  });
}

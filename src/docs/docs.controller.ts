import { Controller, Get, Headers, Inject, NotFoundException, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { Public } from '../common/public.decorator.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { type CachedAnswer, matchesEtag } from './cached-answer.js';
import { DocsService } from './docs.service.js';
import { openApiOperation } from './operations/service.operations.js';
import { languageCookie, namedLanguage, pickLanguage } from './page/language.js';
import type { View } from './page/page-links.js';

/** Everything from our own origin, nothing inline. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const REVALIDATE = 'no-cache';
/** Asset names change with their content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** The API document, the pages made from it and their assets; open to everybody. */
@Public()
@Controller()
export class DocsController {
  constructor(
    @Inject(DocsService) private readonly docs: DocsService,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** A browser is led to the guide; whoever else asks here has a wrong base URL, and the error says the right ones. */
  @Get()
  root(@Headers('accept') accepted: string | undefined, @Res() reply: FastifyReply): void {
    if (!wantsPage(accepted)) throw new NotFoundException();
    // Relative, so that a prefix that only a proxy knows is kept; a known one holds without a slash behind it as well.
    const prefix = new URL(this.settings.server.publicUrl).pathname.replace(/\/$/, '');
    reply
      .header('location', prefix === '' ? 'docs' : `${prefix}/docs`)
      .header('vary', 'accept')
      .code(302)
      .send();
  }

  @Get('api/openapi.json')
  @ApiOperation(openApiOperation)
  openApi(@Headers('if-none-match') known: string | undefined, @Res() reply: FastifyReply): void {
    // The document is public; tools that read it may run in a browser on any origin.
    reply.header('access-control-allow-origin', '*');
    send(reply, this.docs.openApi, known, REVALIDATE);
  }

  @Get('docs')
  guide(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query('lang') asked: unknown): void {
    this.page('guide', request, reply, asked);
  }

  @Get('docs/reference')
  reference(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query('lang') asked: unknown): void {
    this.page('reference', request, reply, asked);
  }

  @Get('docs/assets/:name')
  asset(
    @Param('name') name: string,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    const asset = this.docs.asset(name);
    if (!asset) throw new NotFoundException('This file does not exist. Reload the page at /docs.');
    send(reply, asset, known, FOR_EVER);
  }

  private page(view: View, { headers }: FastifyRequest, reply: FastifyReply, asked: unknown): void {
    const named = namedLanguage(asked);
    const language = pickLanguage(asked, headers['accept-language'], headers.cookie);
    // A choice by the switch holds for later visits too, with or without the script.
    if (named) reply.header('set-cookie', languageCookie(named, this.settings.server.publicUrl));
    reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('referrer-policy', 'no-referrer')
      .header('content-language', language)
      .header('vary', 'accept-language, cookie');
    send(reply, this.docs.page(view, language), headers['if-none-match'], REVALIDATE);
  }
}

/** True where pages are named as such: what takes anything is a program. */
function wantsPage(accepted: string | undefined): boolean {
  return accepted !== undefined && /(?:^|[\s,])text\/html(?!\s*;\s*q=0(?:\.0*)?\s*(?:$|,))/i.test(accepted);
}

function send(reply: FastifyReply, answer: CachedAnswer, known: string | undefined, cacheControl: string): void {
  reply.header('etag', answer.etag).header('cache-control', cacheControl).header('x-content-type-options', 'nosniff');
  if (matchesEtag(known, answer.etag)) reply.code(304).send();
  else reply.code(200).type(answer.type).send(answer.bytes);
}

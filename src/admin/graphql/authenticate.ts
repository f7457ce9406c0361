import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import { FailedKeys } from '../../limits/failed-keys.js';
import type { Actor } from '../../users/actor.js';
import { Identify, invalidStaffToken } from '../../users/identify.js';
import { refuseCrossSite } from './cross-site.js';
import { readSessionCookie } from './session-cookie.js';

const BEARER = /^Bearer ([^\s]{1,256})$/i;

/** Finds out who makes a request of the admin API. */
@Injectable()
export class Authenticate {
  /** The hub is reached over HTTPS. */
  readonly isSecure: boolean;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(Identify) private readonly identify: Identify,
    @Inject(FailedKeys) private readonly failures: FailedKeys,
  ) {
    this.isSecure = settings.server.publicUrl.startsWith('https:');
  }

  /**
   * @returns undefined for a visitor: no token at all, or a cookie whose session is over, since a browser sends it anyway.
   * @throws HubError 401 for a token in the header that is not valid, 403 for a request with a cookie that another site may have
   * caused, 429 for an address that has sent too many wrong tokens.
   */
  async actorOf(request: FastifyRequest): Promise<Actor | undefined> {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.byHeader(request, authorization);
    const token = readSessionCookie(request, this.isSecure);
    if (token === undefined) return undefined;
    refuseCrossSite(request, this.settings.server.publicUrl);
    return this.identify.byToken(token);
  }

  /** For pages, which change nothing: who is signed in with the cookie. */
  async viewerOf(request: FastifyRequest): Promise<Actor | undefined> {
    const token = readSessionCookie(request, this.isSecure);
    return token === undefined ? undefined : this.identify.byToken(token);
  }

  /** Whether who began a long answer may still have it. @param actor as {@link actorOf} said. */
  async isStillValid(request: FastifyRequest, actor: Actor): Promise<boolean> {
    const header = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const token = header ?? readSessionCookie(request, this.isSecure);
    const now = token === undefined ? undefined : await this.identify.byToken(token);
    return now !== undefined && now.role === actor.role && now.accountId === actor.accountId;
  }

  private async byHeader(request: FastifyRequest, authorization: string): Promise<Actor> {
    this.failures.check(request.ip);
    const token = BEARER.exec(authorization)?.[1];
    const actor = token === undefined ? undefined : await this.identify.byToken(token);
    if (actor !== undefined) return actor;
    void this.failures.note(request.ip);
    throw invalidStaffToken();
  }
}

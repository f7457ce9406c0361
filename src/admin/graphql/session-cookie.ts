import type { FastifyReply, FastifyRequest } from 'fastify';

/** The prefix makes browsers refuse the cookie from anybody but this very host, over HTTPS; plain HTTP does not know it. */
const SECURE_NAME = '__Host-hub_session';
const PLAIN_NAME = 'hub_session';
/** Longer headers are not ours. */
const COOKIE_CHARS_MAX = 4096;

/** The session token that a browser sent, if it did. @param isSecure the hub is reached over HTTPS. */
export function readSessionCookie(request: FastifyRequest, isSecure: boolean): string | undefined {
  const { cookie } = request.headers;
  if (cookie === undefined || cookie.length > COOKIE_CHARS_MAX) return undefined;
  const name = isSecure ? SECURE_NAME : PLAIN_NAME;
  for (const part of cookie.split(';')) {
    const at = part.indexOf('=');
    if (at !== -1 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** Keeps a session in the browser until it is closed or the session ends. No script can read it, no other site can send it. */
export function setSessionCookie(reply: FastifyReply, token: string, isSecure: boolean): void {
  reply.header('set-cookie', attributes(isSecure, token));
}

/** Takes the session out of the browser. */
export function clearSessionCookie(reply: FastifyReply, isSecure: boolean): void {
  reply.header('set-cookie', `${attributes(isSecure, '')}; Max-Age=0`);
}

function attributes(isSecure: boolean, value: string): string {
  const name = isSecure ? SECURE_NAME : PLAIN_NAME;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

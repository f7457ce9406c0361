import type { AccessToken, AccessTokenStore } from '../providers/transport/access-token-store.js';
import type { UpstreamClient, UpstreamRequest, UpstreamResponse } from '../providers/transport/upstream-client.js';
import { buysTokens, type Candidate } from './candidate.js';

/** How an operation's calls carry the credential, or the token, where that is not as its provider's others do. */
export type OperationAuth = (credential: string, nowMs: number) => Readonly<Record<string, string>>;

/**
 * The one way to an upstream with the credential of a channel: whoever asks a channel for anything sends through here, whatever the
 * connection. Most credentials stand in the candidate's headers and are sent as they are; others sign each request, or buy tokens.
 */
export class ChannelSender {
  /** @param now Unix time in milliseconds. */
  constructor(
    private readonly tokens: AccessTokenStore,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Sends a request and waits for the head of the answer, whatever its status. What is signed is what is sent, to the byte.
   * @param request to the candidate's origin, with {@link Candidate.headers} or {@link Candidate.jsonHeaders} among its headers; with `auth`
   *   it has `HUB_HEADERS` in their place.
   * @param auth in place of the provider's own.
   * @throws ProviderError as {@link UpstreamClient.send} does, and `credential` where a credential signs or buys nothing.
   */
  send(
    client: UpstreamClient,
    candidate: Candidate,
    request: UpstreamRequest,
    auth?: OperationAuth,
  ): Promise<UpstreamResponse> {
    // Everything but the call, for the many: the relay's path is hot.
    if (candidate.isAuthorisedAhead && auth === undefined) return client.send(request);
    return this.sendAuthorised(client, candidate, request, auth);
  }

  private async sendAuthorised(
    client: UpstreamClient,
    candidate: Candidate,
    request: UpstreamRequest,
    auth: OperationAuth | undefined,
  ): Promise<UpstreamResponse> {
    const token = await this.tokenOf(candidate, request);
    const response = await client.send(await this.authorise(candidate, request, auth, token?.text));
    if (token === undefined || response.status !== 401) return response;
    this.tokens.drop(candidate.credentialKey, token.text);
    if (!token.isUsed) return response;
    // Refused before its end: it was revoked, and nothing was done. Another one says whether it is the credential.
    response.body.abort(new Error('The token was refused.'));
    const fresh = await this.tokenOf(candidate, request);
    const again = await client.send(await this.authorise(candidate, request, auth, fresh?.text));
    if (fresh !== undefined && again.status === 401) this.tokens.drop(candidate.credentialKey, fresh.text);
    return again;
  }

  private async tokenOf(candidate: Candidate, request: UpstreamRequest): Promise<AccessToken | undefined> {
    const { provider, credential, credentialKey: key, channel } = candidate;
    const { accessTokens } = provider;
    if (accessTokens === undefined || credential === undefined || !buysTokens(provider, credential)) return undefined;
    const { allowPrivateNetwork } = channel;
    const token = await this.tokens.get(
      { key, tokens: accessTokens, credential, allowPrivateNetwork },
      { signal: request.signal, waitMs: request.deadlines?.headersMs },
    );
    candidate.hide(token.text);
    return token;
  }

  private async authorise(
    { provider, credential }: Candidate,
    request: UpstreamRequest,
    auth: OperationAuth | undefined,
    token: string | undefined,
  ): Promise<UpstreamRequest> {
    if (credential === undefined) return request;
    const { sign } = provider;
    const nowMs = this.now();
    let { headers } = request;
    const shown = buysTokens(provider, credential) ? token : credential;
    if (auth !== undefined && shown !== undefined) headers = { ...headers, ...auth(shown, nowMs) };
    else if (token !== undefined) headers = { ...headers, ...provider.auth(token) };
    if (sign === undefined) return { ...request, headers };
    const { method, origin, path, body } = request;
    if (typeof body === 'function') throw new Error(`The provider "${provider.id}" cannot sign an upload.`);
    const signed = await sign({ method, origin, path, headers, body }, credential, nowMs);
    return { ...request, headers: { ...headers, ...signed } };
  }
}

import type { AdminClient } from './admin.js';
import { TEST_PRICE } from './books.js';
import type { TestHub } from './hub.js';

/** Mutations of the catalogue with the fields that tests look at. */
export const CREATE_CHANNEL = `mutation ($input: CreateChannelInput!) { createChannel(input: $input) {
  id name provider baseUrl effectiveBaseUrl hasCredential credentialLast4 isEnabled priority weight version managedBy status statusReason } }`;
export const UPDATE_CHANNEL = `mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) { __typename
  ... on Channel { id name baseUrl priority weight version credentialLast4 hasCredential tasksMax }
  ... on VersionConflict { message currentVersion } } }`;
export const ENABLE_CHANNEL = `mutation ($input: SetChannelEnabledInput!) { setChannelEnabled(input: $input) { __typename
  ... on Channel { id isEnabled version status } ... on VersionConflict { currentVersion } } }`;
export const REMOVE_CHANNEL = `mutation ($input: RemoveChannelInput!) { removeChannel(input: $input) { __typename
  ... on Channel { id name isEnabled removedAt status hasCredential } ... on VersionConflict { currentVersion } } }`;
export const ADD_ROUTE = `mutation ($input: AddRouteInput!) { addRoute(input: $input) {
  channelId modelId upstreamModel channel { name } model { id } sellingPrice { text } } }`;
export const CREATE_MODEL = `mutation ($input: CreateModelInput!) { createModel(input: $input) {
  id onDisconnect outputTokensDefault video version managedBy limits { rpm tpm concurrency } } }`;
export const UPDATE_MODEL = `mutation ($input: UpdateModelInput!) { updateModel(input: $input) { __typename
  ... on Model { id onDisconnect outputTokensDefault video version limits { rpm tpm concurrency } }
  ... on VersionConflict { currentVersion } } }`;
export const REMOVE_MODEL = `mutation ($input: RemoveModelInput!) { removeModel(input: $input) { __typename
  ... on Model { id } ... on VersionConflict { currentVersion } } }`;
export const SET_PRICE = `mutation ($input: SetPriceInput!) { setPrice(input: $input) { isChanged message
  applies { id side source channelId text isCurrent rates { inputPerMillion perRequest perImage { size price }
    perVideoSecond { price } perAudioSecond perMillionCharacters perSearch tiers { aboveInputTokens inputPerMillion }
    serviceTiers { name inputPerMillion outputPerMillion tiers { aboveInputTokens inputPerMillion } } } } } }`;

let names = 0;

/** What a test does again and again with channels, models and prices. */
export class CatalogueCalls {
  /** @param baseUrl of the upstream that channels lead to. */
  constructor(
    private readonly hub: TestHub,
    private readonly admin: AdminClient,
    private readonly baseUrl: string,
  ) {}

  /** A name that nothing has yet. */
  uniqueName(): string {
    return `name-${++names}`;
  }

  /** Makes a channel; what is not given is of use for most tests. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  async createChannel(input: object = {}): Promise<any> {
    const standard = {
      name: this.uniqueName(),
      provider: 'openai-compatible',
      baseUrl: this.baseUrl,
      credential: 'a-credential-of-some-length-1234',
      allowPrivateNetwork: true,
    };
    return (await this.admin.data(CREATE_CHANNEL, { input: { ...standard, ...input } })).createChannel;
  }

  /** Makes a model that a channel serves. Returns its name. */
  async createModel(channelId: string, input: object = {}): Promise<string> {
    const id = `model/${this.uniqueName()}`;
    await this.admin.data(CREATE_MODEL, { input: { id, ...input } });
    await this.admin.data(ADD_ROUTE, { input: { channelId, modelId: id } });
    return id;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  async setPrice(input: object): Promise<any> {
    return (await this.admin.data(SET_PRICE, { input })).setPrice;
  }

  /** Makes a channel and a model of its own with a price. */
  async serve(channel: object = {}): Promise<{ id: string; model: string; version: number }> {
    const { id, version } = await this.createChannel(channel);
    const model = await this.createModel(id);
    const { perVideoSecond, ...rates } = TEST_PRICE;
    await this.setPrice({ modelId: model, price: { ...rates, perVideoSecond: [{ price: perVideoSecond }] } });
    return { id, model, version };
  }

  /** Calls the relay. */
  chat(model: string, more: object = {}): Promise<Response> {
    return this.hub.post('/api/relay/v1/chat/completions', {
      model,
      messages: [{ role: 'user', content: 'hello' }],
      ...more,
    });
  }
}

/** What a channel's sealed credential is bound to. */
export function credentialBinding(channelId: string): string {
  return `channel:${channelId}:credential`;
}

/** What the sealed secret of a channel's callbacks is bound to. */
export function callbackSecretBinding(channelId: string): string {
  return `channel:${channelId}:callback_secret`;
}

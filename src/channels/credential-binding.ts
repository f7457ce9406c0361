/** What a channel's sealed credential is bound to. */
export function credentialBinding(channelId: string): string {
  return `channel:${channelId}:credential`;
}

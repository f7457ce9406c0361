import type { Settlement } from './core/ledger-store.js';

/** The usage events of a settlement as rows of `ledger_insert_events`; what is undefined is left out and becomes null. */
export function toEventRows(settlement: Settlement): object[] {
  return settlement.events.map((event) => ({
    hold_id: settlement.holdId,
    account_id: settlement.accountId,
    attempt: event.attempt,
    is_final: event.isFinal,
    key_id: event.keyId,
    channel_id: event.channelId,
    model: event.model,
    upstream_model: event.upstreamModel,
    endpoint: event.endpoint,
    user_identifier: event.userIdentifier,
    outcome: event.outcome,
    error_code: event.errorCode,
    estimated: event.isEstimated,
    input_tokens: event.inputTokens,
    cached_input_tokens: event.cachedInputTokens,
    cache_write_tokens: event.cacheWriteTokens,
    output_tokens: event.outputTokens,
    reasoning_tokens: event.reasoningTokens,
    images: event.images,
    video_ms: event.videoMs,
    audio_ms: event.audioMs,
    characters: event.characters,
    searches: event.searches,
    service_tier: event.serviceTier,
    duration_ms: event.durationMs,
    first_token_ms: event.firstTokenMs,
    upstream_status: event.upstreamStatus,
    is_resume: event.isResume,
    price_version_id: event.priceVersionId,
    purchase_version_id: event.purchaseVersionId,
    // Beyond 2^53 a JSON number would lose its last digits.
    cost: event.cost.toString(),
    purchase_cost: event.purchaseCost?.toString(),
  }));
}

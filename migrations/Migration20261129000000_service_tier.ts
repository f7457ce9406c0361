import { Migration } from '@mikro-orm/migrations';

/** The service tier by whose rates a request was charged, so that its bill can be reckoned again. */
export class Migration20261129000000_service_tier extends Migration {
  override up(): void {
    // Null: the usual one, or the event is older than this column.
    this.addSql(`alter table usage_event add column service_tier text`);
    // As before, with the tier. Hubs of the version before leave it out while they run beside this one.
    this.addSql(`create or replace function ledger_insert_events(p_events jsonb, p_holds uuid[], p_at timestamptz)
      returns void language sql as $$
      insert into usage_event (hold_id, attempt, is_final, account_id, key_id, channel_id, model, upstream_model, endpoint,
             user_identifier, outcome, error_code, estimated, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
             reasoning_tokens, images, video_ms, duration_ms, first_token_ms, price_version_id, purchase_version_id, cost, loss,
             purchase_cost, upstream_status, is_resume, audio_ms, characters, searches, service_tier, created_at)
      select e.hold_id, e.attempt, e.is_final, e.account_id, e.key_id, e.channel_id, e.model, e.upstream_model, e.endpoint,
             coalesce(e.user_identifier, ''), e.outcome, e.error_code, coalesce(e.estimated, false), e.input_tokens,
             e.cached_input_tokens, e.cache_write_tokens, e.output_tokens, e.reasoning_tokens, e.images, e.video_ms,
             e.duration_ms, e.first_token_ms, e.price_version_id, e.purchase_version_id, e.cost, coalesce(e.loss, 0),
             e.purchase_cost, e.upstream_status, e.is_resume, e.audio_ms, e.characters, e.searches, e.service_tier, p_at
        from jsonb_to_recordset(p_events) e (hold_id uuid, attempt integer, is_final boolean, account_id bigint, key_id bigint,
             channel_id bigint, model text, upstream_model text, endpoint text, user_identifier text, outcome text, error_code text,
             estimated boolean, input_tokens bigint, cached_input_tokens bigint, cache_write_tokens bigint, output_tokens bigint,
             reasoning_tokens bigint, images bigint, video_ms bigint, duration_ms bigint, first_token_ms bigint,
             price_version_id bigint, purchase_version_id bigint, cost bigint, loss bigint, purchase_cost bigint,
             upstream_status smallint, is_resume boolean, audio_ms bigint, characters bigint, searches bigint, service_tier text)
       where e.hold_id = any (p_holds) $$`);
  }
}

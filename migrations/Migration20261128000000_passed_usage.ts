import { Migration } from '@mikro-orm/migrations';

/** What is paid for besides tokens, pictures and videos, so that a bill can be reckoned again: sound, characters, searches. */
export class Migration20261128000000_passed_usage extends Migration {
  override up(): void {
    // Null: the request was not of that kind, or the event is older than this column.
    this.addSql(
      `alter table usage_event add column audio_ms bigint, add column characters bigint, add column searches bigint`,
    );
    // As before, with the three. Hubs of the version before leave them out while they run beside this one.
    this.addSql(`create or replace function ledger_insert_events(p_events jsonb, p_holds uuid[], p_at timestamptz)
      returns void language sql as $$
      insert into usage_event (hold_id, attempt, is_final, account_id, key_id, channel_id, model, upstream_model, endpoint,
             user_identifier, outcome, error_code, estimated, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
             reasoning_tokens, images, video_ms, duration_ms, first_token_ms, price_version_id, purchase_version_id, cost, loss,
             purchase_cost, upstream_status, is_resume, audio_ms, characters, searches, created_at)
      select e.hold_id, e.attempt, e.is_final, e.account_id, e.key_id, e.channel_id, e.model, e.upstream_model, e.endpoint,
             coalesce(e.user_identifier, ''), e.outcome, e.error_code, coalesce(e.estimated, false), e.input_tokens,
             e.cached_input_tokens, e.cache_write_tokens, e.output_tokens, e.reasoning_tokens, e.images, e.video_ms,
             e.duration_ms, e.first_token_ms, e.price_version_id, e.purchase_version_id, e.cost, coalesce(e.loss, 0),
             e.purchase_cost, e.upstream_status, e.is_resume, e.audio_ms, e.characters, e.searches, p_at
        from jsonb_to_recordset(p_events) e (hold_id uuid, attempt integer, is_final boolean, account_id bigint, key_id bigint,
             channel_id bigint, model text, upstream_model text, endpoint text, user_identifier text, outcome text, error_code text,
             estimated boolean, input_tokens bigint, cached_input_tokens bigint, cache_write_tokens bigint, output_tokens bigint,
             reasoning_tokens bigint, images bigint, video_ms bigint, duration_ms bigint, first_token_ms bigint,
             price_version_id bigint, purchase_version_id bigint, cost bigint, loss bigint, purchase_cost bigint,
             upstream_status smallint, is_resume boolean, audio_ms bigint, characters bigint, searches bigint)
       where e.hold_id = any (p_holds) $$`);
  }
}

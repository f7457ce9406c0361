/** Regions and vendors before a model's name, as clouds write them: `us.anthropic.claude-opus-5-5-v1:0`. */
const CLOUD_PREFIX =
  /^(?:(?:us|eu|apac|jp|au|global)\.)?(?:anthropic|meta|amazon|mistral|cohere|deepseek|openai|qwen)\./;
/** Marks of a cloud's or an aggregator's variant: `-v1:0`, `:free`, `:beta`, `:thinking`. */
const VARIANT = /(?:-v\d+)?(?::[a-z0-9-]+)?$/;
/** A day or a month behind a name: `-2025-08-07`, `-20250807`, `@20250807`, `-0709`, and the same before `-preview`. */
const DATE = /[-@](?:20\d\d-\d\d-\d\d|20\d{6}|\d\d-20\d\d|\d{4})(?=$|-preview$)/;
const LATEST = /-latest$/;

/**
 * The spellings under which tables may know an upstream's model, most exact first: as it is, without the vendor before it, without
 * marks of a variant, without `-latest` and without the day of a snapshot. Lower case; a dot counts as a hyphen, since `claude-opus-5.5`
 * and `claude-opus-5-5` are one model.
 */
export function modelKeys(upstreamModel: string): readonly string[] {
  const whole = upstreamModel.toLowerCase();
  const name = whole.slice(whole.lastIndexOf('/') + 1).replace(CLOUD_PREFIX, '');
  const plain = name.replace(VARIANT, '');
  const family = plain.replace(LATEST, '');
  const keys = [whole, name, plain, family, family.replace(DATE, '')].map(withHyphens);
  return keys.filter((key, index) => key !== '' && keys.indexOf(key) === index);
}

/** How keys of tables are written: lower case, hyphens for dots. */
export function withHyphens(name: string): string {
  return name.toLowerCase().replaceAll('.', '-');
}

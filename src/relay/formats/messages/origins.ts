/** Where a canonical message comes from. */
interface Origin {
  /** Of the message, or of the block that became a message: `messages[1]`, `messages[1].content[0]`, `system`. */
  readonly path: string;
  /** Of its content parts, where it has a list of them. */
  readonly parts: readonly string[];
}

/** Canonical names whose members are called otherwise; longest first where one begins another. */
const NAMES: readonly (readonly [canonical: RegExp, own: string])[] = [
  [/^max_completion_tokens$/, 'max_tokens'],
  [/^stop$/, 'stop_sequences'],
  [/^user$|^safety_identifier$|^user_identifier$/, 'metadata.user_id'],
  [/^reasoning_effort$/, 'thinking'],
  [/^response_format\.json_schema\.schema/, 'output_config.format.schema'],
  [/^response_format/, 'output_config.format'],
  [/^parallel_tool_calls$/, 'tool_choice.disable_parallel_tool_use'],
  [/^tools\[(\d*)\]\.function\.parameters/, 'tools[$1].input_schema'],
  [/^tools\[(\d*)\]\.function\b/, 'tools[$1]'],
  [/^messages\[\]\.(?:reasoning_details|reasoning_content|extra_content)$/, 'messages[].content[].thinking'],
  [/^messages\[\]\.tool_calls(?:\[\])?/, 'messages[].content[]'],
];
/** What follows the path of a part. */
const PART_NAMES: readonly (readonly [canonical: RegExp, own: string])[] = [
  [/^\.image_url(?:\.url)?/, '.source'],
  [/^\.file(?:\.(?:file_data|file_id))?/, '.source'],
  [/^\.function\.arguments/, '.input'],
  [/^\.function/, ''],
];

/** Remembers where each part of a canonical request stands in the body of the caller, so that errors name what was sent. */
export class Origins {
  private readonly messages: Origin[] = [];

  /** Notes the next canonical message. */
  note(path: string, parts: readonly string[] = []): void {
    this.messages.push({ path, parts });
  }

  /** See `RequestWording.toOwn`. */
  readonly toOwn = (param: string): string => {
    const [, index, rest = ''] = /^messages\[(\d+)\](.*)$/s.exec(param) ?? [];
    if (index === undefined) return renamed(param, NAMES);
    const origin = this.messages[Number(index)];
    if (origin === undefined) return param;
    const [, , part, after = ''] = /^\.(content|tool_calls)\[(\d+)\](.*)$/s.exec(rest) ?? [];
    const place = part === undefined ? undefined : origin.parts[Number(part)];
    if (place !== undefined) return place + renamed(after, PART_NAMES);
    // A tool's result is a block, whose members have the same names as those of a message.
    return `${origin.path}${rest.replace(/^\.tool_call_id/, '.tool_use_id')}`;
  };
}

function renamed(name: string, names: typeof NAMES): string {
  const found = names.find(([canonical]) => canonical.test(name));
  return found === undefined ? name : name.replace(found[0], found[1]);
}

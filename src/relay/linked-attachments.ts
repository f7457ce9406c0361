import { isObject } from '../common/is-object.js';

/** A picture or file that a message names by its address. */
export interface LinkedAttachment {
  readonly kind: 'picture' | 'file';
  readonly address: string;
  /** Index of the message, and of the part in its content. */
  readonly message: number;
  readonly part: number;
  /** Where it stands, such as `messages[2].content[1].image_url`. */
  readonly path: string;
}

const ADDRESS = /^https?:\/\//i;
const ADDRESS_START_CHARACTERS = 8;

/** Finds what the parts of messages name by http address: `image_url`, and `file_data` of files. */
export function findAttachments(messages: unknown): readonly LinkedAttachment[] {
  const found: LinkedAttachment[] = [];
  if (!Array.isArray(messages)) return found;
  for (let message = 0; message < messages.length; message++) {
    const item: unknown = messages[message];
    const content = isObject(item) ? item['content'] : undefined;
    if (!Array.isArray(content)) continue;
    for (let part = 0; part < content.length; part++) {
      const attachment = attachmentOf(content[part]);
      if (attachment === undefined) continue;
      const { kind, address, field } = attachment;
      found.push({ kind, address, message, part, path: `messages[${message}].content[${part}].${field}` });
    }
  }
  return found;
}

function attachmentOf(part: unknown): (Pick<LinkedAttachment, 'kind' | 'address'> & { field: string }) | undefined {
  if (!isObject(part)) return undefined;
  if (part['type'] === 'image_url') {
    const { image_url: image } = part;
    const address = isObject(image) ? image['url'] : image;
    return isAddress(address) ? { kind: 'picture', address, field: 'image_url' } : undefined;
  }
  if (part['type'] !== 'file' || !isObject(part['file'])) return undefined;
  const { file_data: address } = part['file'];
  return isAddress(address) ? { kind: 'file', address, field: 'file.file_data' } : undefined;
}

/** A data URI may be megabytes: only its beginning is looked at. */
function isAddress(value: unknown): value is string {
  return typeof value === 'string' && ADDRESS.test(value.slice(0, ADDRESS_START_CHARACTERS));
}

/**
 * A body with other addresses at the places of {@link findAttachments}; nothing of the given one is changed.
 * @param addresses the new address by the old.
 */
export function withAddresses(
  body: Readonly<Record<string, unknown>>,
  attachments: readonly LinkedAttachment[],
  addresses: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  const messages = Array.isArray(body['messages']) ? [...(body['messages'] as readonly unknown[])] : [];
  const copied = new Set<number>();
  for (const { message, part, kind, address } of attachments) {
    const item = messages[message];
    const url = addresses.get(address);
    if (url === undefined || !isObject(item) || !Array.isArray(item['content'])) continue;
    const content: unknown[] = copied.has(message) ? item['content'] : [...item['content']];
    content[part] = withAddress(content[part], kind, url);
    messages[message] = { ...item, content };
    copied.add(message);
  }
  return { ...body, messages };
}

function withAddress(part: unknown, kind: LinkedAttachment['kind'], url: string): unknown {
  if (!isObject(part)) return part;
  if (kind === 'file') return { ...part, file: { ...(isObject(part['file']) && part['file']), file_data: url } };
  const { image_url: image } = part;
  return { ...part, image_url: isObject(image) ? { ...image, url } : { url } };
}

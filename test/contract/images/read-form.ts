/** The fields of a multipart form as the recordings write them: text, files as their type and bytes in base64, repeated ones as a list. */
export async function readForm(body: Uint8Array, contentType: string): Promise<Readonly<Record<string, unknown>>> {
  const form = await new Response(Buffer.from(body), { headers: { 'content-type': contentType } }).formData();
  const fields: Record<string, unknown> = {};
  for (const name of new Set(form.keys())) {
    const values = await Promise.all(form.getAll(name).map(toField));
    fields[name] = values.length === 1 ? values[0] : values;
  }
  return fields;
}

async function toField(value: string | File): Promise<unknown> {
  if (typeof value === 'string') return value;
  return { contentType: value.type, base64: Buffer.from(await value.arrayBuffer()).toString('base64') };
}

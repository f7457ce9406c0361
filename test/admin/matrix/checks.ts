import type { Asked } from './asking.js';

/** What is in a text although nobody may see it. */
export function secretsIn(text: string, secrets: Iterable<string>): string[] {
  return [...secrets].filter((secret) => secret !== '' && text.includes(secret));
}

const SECRET_FIELDS = /^(\w+_)?(secret|token|password|codes|downloadUrl)$/;

/** Secrets that an answer shows because it is the one that shows them. */
export function secretsOf({ body }: Pick<Asked, 'body'>): string[] {
  const found: string[] = [];
  const look = (value: unknown, isSecret: boolean): void => {
    if (typeof value === 'string' && isSecret) found.push(value.split('/').at(-1) ?? value);
    else if (Array.isArray(value)) for (const each of value) look(each, isSecret);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, each] of Object.entries(value)) look(each, SECRET_FIELDS.test(name));
    }
  };
  look(body.data, false);
  return found;
}

/** What only the inside of the hub says: SQL, stacks, files, hosts, libraries. */
const INSIDE = [
  /\b(select\s.+\sfrom|insert\s+into|delete\s+from|update\s+\S+\s+set|alter\s+table|relation\s|column\s)/i,
  /\bat\s+\S+\s+\(|\.(ts|js|mjs)\b/,
  /\/(src|srv|dist|node_modules|home|tmp|work)\//,
  /127\.0\.0\.1|localhost|::1/,
  /postgres|pglite|mikro|fastify|nestjs|apollo|graphql-js|typeerror|referenceerror|syntax error|errcode|sqlstate/i,
  /does not exist|violates|canary/i,
];
const MESSAGE = 'The hub failed to handle this request. Please give the operator the x-request-id of this answer.';

/** What an answer of a failure inside says beyond its code and request id. */
export function maskingFaults({ body, requestId }: Asked): string[] {
  const { data: _shown, ...rest } = body;
  const text = JSON.stringify(rest);
  const faults = INSIDE.filter((pattern) => pattern.test(text)).map((pattern) => `shows ${pattern}: ${text}`);
  for (const error of body.errors ?? []) {
    if (error.extensions['code'] !== 'internal_error') faults.push(`has the code ${error.extensions['code']}`);
    if (error.extensions['requestId'] !== requestId) faults.push('has another request id');
    const more = Object.keys(error).filter((name) => !['message', 'locations', 'path', 'extensions'].includes(name));
    const inner = Object.keys(error.extensions).filter((name) => !['code', 'status', 'requestId'].includes(name));
    if (more.length + inner.length > 0) faults.push(`also has ${[...more, ...inner].join(', ')}`);
    if (error.message !== MESSAGE) faults.push(`says ${error.message}`);
  }
  return faults;
}

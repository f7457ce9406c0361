import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isObject } from '../common/is-object.js';
import type { Provider } from './provider.js';

// Not `import()`: a module that waits while it loads makes everything above it wait too, and jest then builds each of the modules
// below it again for every way that leads to it.
const require = createRequire(import.meta.url);

/**
 * Every provider that is known without a running process, in the order of their ids; the sandbox joins with its own address.
 * A folder of `adapters` that has a `<its name>.provider` declares the provider of that id: adding one touches nothing else.
 * @throws Error while loading, for a folder whose declaration exports no provider with its name.
 */
export const VENDORS: readonly Provider[] = declaredFolders().map(load);

function declaredFolders(): readonly string[] {
  return readdirSync(join(import.meta.dirname, 'adapters'), { recursive: true, encoding: 'utf8' })
    .flatMap((path) => /^([a-z0-9-]+)[\\/]\1\.provider\.[jt]s$/.exec(path)?.[1] ?? [])
    .sort();
}

function load(id: string): Provider {
  const exported: unknown = require(`./adapters/${id}/${id}.provider.js`);
  const found = isObject(exported) ? Object.values(exported).find((value) => isProvider(value, id)) : undefined;
  if (found === undefined) throw new Error(`adapters/${id}/${id}.provider exports no provider of the id "${id}".`);
  return found;
}

function isProvider(value: unknown, id: string): value is Provider {
  return isObject(value) && value['id'] === id && typeof value['toError'] === 'function';
}

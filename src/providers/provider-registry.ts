import type { Provider } from './provider.js';

/** Which functions an operation cannot do without. */
const FUNCTIONS = {
  chat: ['toBody', 'fromBody', 'openStream'],
  embeddings: ['toBody', 'fromBody'],
  images: ['toBody', 'fromBody'],
  imageEdits: [],
  imageTasks: ['modelOf', 'toSubmit', 'fromSubmit', 'toStatus', 'fromStatus'],
  completions: ['toBody', 'fromBody', 'openStream'],
  moderations: ['toBody', 'fromBody'],
  transcriptions: ['toFields', 'fromBody'],
  speech: ['toBody'],
  rerank: ['toBody', 'fromBody'],
  video: ['modelOf', 'toSubmit', 'fromSubmit', 'toStatus', 'fromStatus'],
} as const;

const TASKS: ReadonlySet<string> = new Set(['imageTasks', 'video']);

/** Looks providers up by id. */
export class ProviderRegistry {
  private readonly byId = new Map<string, Provider>();

  /** @throws Error for an id that occurs twice, a provider without operations, or an operation without its functions. */
  constructor(private readonly providers: readonly Provider[]) {
    for (const provider of providers) {
      if (this.byId.has(provider.id)) throw new Error(`Provider "${provider.id}" is declared twice.`);
      check(provider);
      this.byId.set(provider.id, provider);
    }
  }

  get(id: string): Provider | undefined {
    return this.byId.get(id);
  }

  /** All providers in the order they were given. */
  list(): readonly Provider[] {
    return this.providers;
  }
}

function check(provider: Provider): void {
  let operations = 0;
  for (const [name, functions] of Object.entries(FUNCTIONS)) {
    const operation: object | undefined = provider[name as keyof typeof FUNCTIONS];
    if (operation === undefined) continue;
    operations++;
    const path: unknown = Reflect.get(operation, 'path');
    // A task API has several.
    if (!TASKS.has(name) && typeof path !== 'function' && !(typeof path === 'string' && path.startsWith('/'))) {
      throw new Error(`Provider "${provider.id}" declares ${name} without a path that starts with a slash.`);
    }
    for (const wanted of functions) {
      if (typeof Reflect.get(operation, wanted) !== 'function') {
        throw new Error(`Provider "${provider.id}" declares ${name} without ${wanted}.`);
      }
    }
  }
  if (operations === 0) throw new Error(`Provider "${provider.id}" declares no operation.`);
  if (typeof provider.toError !== 'function') throw new Error(`Provider "${provider.id}" has no toError.`);
}

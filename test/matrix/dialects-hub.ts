import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startHub, type TestHub } from '../support/hub.js';
import type { DialectUpstream, RunningUpstream } from './dialect-upstream.js';

// Not `import()`, for which everything above would wait; see src/providers/vendors.ts.
const require = createRequire(import.meta.url);

/** Every format of upstreams: each file of `dialects/` is one. */
export const UPSTREAMS: readonly DialectUpstream[] = readdirSync(join(import.meta.dirname, 'dialects'))
  .filter((file) => file.endsWith('.ts'))
  .map((file): DialectUpstream => {
    const { UPSTREAM } = require(`./dialects/${file.replace(/\.ts$/, '.js')}`);
    if (UPSTREAM === undefined) throw new Error(`test/matrix/dialects/${file} exports no UPSTREAM.`);
    return UPSTREAM;
  });

/** A hub with an upstream of each format, whose model is called {@link modelBy}. */
export interface DialectsHub {
  readonly hub: TestHub;
  upstreamOf(provider: string): RunningUpstream;
  close(): Promise<void>;
}

/** The public name of a provider's model. */
export function modelBy(provider: string): string {
  return `by-${provider}`;
}

/** Starts it. @param more other models by their providers, under their own names. */
export async function startDialectsHub(
  providers: readonly string[] = UPSTREAMS.map(({ provider }) => provider),
  more: Readonly<Record<string, readonly string[]>> = {},
): Promise<DialectsHub> {
  const wanted = UPSTREAMS.filter(({ provider }) => providers.includes(provider));
  const running = new Map(
    await Promise.all(wanted.map(async (dialect) => [dialect.provider, await dialect.start()] as const)),
  );
  const upstreamOf = (provider: string): RunningUpstream => {
    const upstream = running.get(provider);
    if (upstream === undefined) throw new Error(`There is no upstream of ${provider}.`);
    return upstream;
  };
  const hub = await startHub({
    channels: wanted.map(({ provider, upstreamModel }) => {
      const { baseUrl, apiKey } = upstreamOf(provider);
      const others = (more[provider] ?? []).map((name) => [name, name] as const);
      return {
        name: provider,
        provider,
        baseUrl,
        apiKey,
        models: new Map([[modelBy(provider), upstreamModel], ...others]),
      };
    }),
  });
  return {
    hub,
    upstreamOf,
    close: async () => {
      await hub.close();
      for (const upstream of running.values()) await upstream.close();
    },
  };
}

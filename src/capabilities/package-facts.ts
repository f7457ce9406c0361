import { MODEL_CONFIGS } from 'llm-zoo';
import type { ModelCapabilities } from '../channels/model-routing.js';
import { withHyphens } from './model-keys.js';

type PackageModel = (typeof MODEL_CONFIGS)[string];

/** Entries by every name the package gives a model; made at the first question, since most processes ask none. */
let index: ReadonlyMap<string, ModelCapabilities> | undefined;

/**
 * What the package `llm-zoo` says of a model. Models that it lists several times, with thinking and without, can what any of
 * these can: a request chooses between them.
 * @param key as `modelKeys` spells it.
 */
export function packageFacts(key: string): ModelCapabilities | undefined {
  index ??= readPackage();
  return index.get(key);
}

function readPackage(): ReadonlyMap<string, ModelCapabilities> {
  const byName = new Map<string, PackageModel[]>();
  for (const model of Object.values(MODEL_CONFIGS)) {
    const { fullName, shortName, openrouterFullName } = model;
    const names = [fullName, shortName, openrouterFullName, openrouterFullName?.split('/').at(-1)];
    for (const name of new Set(names)) {
      if (name === undefined) continue;
      const key = withHyphens(name);
      byName.set(key, [...(byName.get(key) ?? []), model]);
    }
  }
  return new Map([...byName].map(([key, models]) => [key, toCapabilities(inUse(models))]));
}

/** A name that a living model has says nothing of the retired ones that had it before. */
function inUse(models: readonly PackageModel[]): readonly PackageModel[] {
  const living = models.filter((model) => model.retired !== true);
  return living.length > 0 ? living : models;
}

/**
 * The package defaults to "no" for files and sound, so that a no there says only that nobody has looked: just a yes is taken. Tools
 * and pictures default to "yes", and a no was put there by hand.
 */
function toCapabilities(models: readonly PackageModel[]): ModelCapabilities {
  const any = (can: (model: PackageModel['capabilities']) => boolean) =>
    models.some((model) => can(model.capabilities));
  return {
    contextTokens: Math.max(...models.map((model) => model.contextWindow)),
    outputTokensMax: Math.max(...models.map((model) => model.maxOutputTokens)),
    tools: any((can) => can.supportsFunctionCalling),
    vision: any((can) => can.supportsVision),
    reasoning: any((can) => can.supportsReasoning || can.supportsReasoningEffort),
    ...(any((can) => can.supportsNativeAudio) ? { audioInput: true } : {}),
    ...(any((can) => can.supportsNativePdf) ? { fileInput: true } : {}),
  };
}

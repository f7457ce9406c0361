/** What the decision depends on. */
export interface SandboxQuestion {
  /** HUB_SANDBOX. */
  readonly mode: 'auto' | 'on' | 'off';
  readonly isProduction: boolean;
  /** Provider keys in the environment, or HUB_CONFIG, give at least one channel. */
  readonly hasDeclaredChannels: boolean;
  /** An operator has made a channel. */
  readonly hasOwnChannels: boolean;
}

/**
 * Whether this start runs the sandbox. By itself only where nothing real could answer: invented answers must never mix
 * with those of a real upstream unasked.
 */
export function decideSandbox({ mode, isProduction, hasDeclaredChannels, hasOwnChannels }: SandboxQuestion): boolean {
  if (mode !== 'auto') return mode === 'on';
  return !isProduction && !hasDeclaredChannels && !hasOwnChannels;
}

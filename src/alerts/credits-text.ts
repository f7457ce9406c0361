const NANO_PER_CREDIT = 1_000_000_000n;

/** An amount for people, exact: `-12.5` for -12500000000 nano-credits. */
export function creditsText(nanoCredits: bigint): string {
  const size = nanoCredits < 0n ? -nanoCredits : nanoCredits;
  const fraction = (size % NANO_PER_CREDIT).toString().padStart(9, '0').replace(/0+$/, '');
  return `${nanoCredits < 0n ? '-' : ''}${size / NANO_PER_CREDIT}${fraction === '' ? '' : `.${fraction}`}`;
}

/** What the API takes in place of a signature that was lost (its documentation of thought signatures). */
export const SENTINEL = 'skip_thought_signature_validator';

/** A signature as this simulator gives it: base64 as on the wire, and bound to its model. */
export function signatureOf(model: string, number: number): string {
  return Buffer.from(`signed by ${model}, ${number}`).toString('base64');
}

/** True for a signature that this model has given. */
export function isSignatureOf(signature: string, model: string): boolean {
  return Buffer.from(signature, 'base64').toString('utf8').startsWith(`signed by ${model}, `);
}

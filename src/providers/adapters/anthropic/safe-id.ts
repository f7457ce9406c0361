/**
 * The id of a call in the letters the vendor allows. Ids of other vendors, such as `functions.f:0`, meet it when a conversation changes
 * its model; each other character is written as its code, so that different ids stay different.
 */
export function toSafeId(id: string): string {
  return /^[\w-]+$/.test(id) ? id : id.replace(/[^\w-]/g, (character) => `-${character.charCodeAt(0).toString(16)}-`);
}

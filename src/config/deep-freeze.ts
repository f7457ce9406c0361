/** Freezes an object and everything plain below it; bytes and maps cannot be frozen and are left as they are. */
export function deepFreeze<T>(value: T): T {
  if (
    typeof value !== 'object' ||
    value === null ||
    ArrayBuffer.isView(value) ||
    value instanceof Map ||
    Object.isFrozen(value)
  )
    return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

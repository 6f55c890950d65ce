/** A key for one submit. `randomUUID` exists only on https and localhost; random bytes exist everywhere. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

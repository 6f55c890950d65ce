/**
 * What a build is called: when it was made, in seconds, and its id. The time tells which of two is newer; replicas of one
 * release have the same file, and with it the same time.
 */
export const buildName = (id: string, madeAtMs: number): string => `${Math.floor(madeAtMs / 1000)}.${id.trim()}`

/**
 * Signals are a workspace's own, so what goes on in all of them is asked for: three reads each 3 s are 15 of the 60
 * tokens that a person has a minute.
 */
export const REFRESH_MS = 3000

import { setTimeout as delay } from 'node:timers/promises'
import { oneLine } from '../failure.ts'

/** Waits for a server that takes no more for now, and tells the person about it. */
export interface Patience {
  /**
   * Waits `ms` for the reason that the server gave. Resolves to false, without waiting, where it would be longer than
   * anybody should wait for one call that has waited `waitedMs` already.
   */
  wait(reason: string, ms: number, waitedMs: number): Promise<boolean>
}

/** A limit of a minute is refilled in one, and the queue before a limit of an hour moves every few seconds. */
const LONGEST_MS = 5 * 60_000
/** So much later at most, so that calls that wait together do not come back together. */
const SPREAD_MS = 500
/** Calls that wait for the same are told about once. */
const SAME_MS = 1_000

/** `note` gets a line for the person, once for all calls that wait at the same time. */
export const createPatience = (signal: AbortSignal, note: (line: string) => void): Patience => {
  let toldUntil = -Infinity
  return {
    wait: async (reason, ms, waitedMs) => {
      if (waitedMs + ms > LONGEST_MS) return false
      const until = performance.now() + ms
      if (until > toldUntil + SAME_MS) note(`${oneLine(reason)} Going on in ${Math.ceil(ms / 1000)} s.`)
      toldUntil = Math.max(toldUntil, until)
      await delay(ms + Math.random() * SPREAD_MS, undefined, { signal })
      return true
    },
  }
}

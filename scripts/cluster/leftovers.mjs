import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { isRunning } from '../boot/process-state.mjs'
import { readJson } from './state-folder.mjs'

/** They end with their supervisor, in order, which takes as long as answers that are being written do. */
const PATIENCE_MS = 40_000
const POLL_MS = 100

/**
 * Waits for what is left of a supervisor that died: two PostgreSQL servers would destroy one folder.
 *
 * @param {ReturnType<typeof import('./state-folder.mjs').placesIn>} places
 * @param {(message: string) => void} say
 */
export const outliveLeftovers = async (places, say) => {
  const left = () => (readJson(places.processes) ?? []).filter(isStillThere)
  if (left().length === 0) return
  say(
    `Waiting for what is left of an earlier start: ${left()
      .map(({ name }) => name)
      .join(', ')} …`,
  )
  const deadline = Date.now() + PATIENCE_MS
  while (left().length > 0 && Date.now() < deadline) await pause(POLL_MS)
  for (const { pid } of left()) process.kill(pid, 'SIGKILL')
  while (left().length > 0) await pause(POLL_MS)
}

/** The same process, and not another one that has got its id meanwhile. */
const isStillThere = ({ pid, command }) => {
  if (!isRunning(pid)) return false
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === command
  } catch {
    return false
  }
}

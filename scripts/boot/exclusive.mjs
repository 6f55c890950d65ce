import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isRunning } from './process-state.mjs'

const POLL_MS = 100

/**
 * Runs `work` while no other process on this machine runs work under the same folder: two commands in one checkout must
 * not install or build at once. A holder that died is passed over.
 *
 * @param {string} folder made for the time of the work
 * @param {() => Promise<void>} work
 */
export const exclusively = async (folder, work) => {
  mkdirSync(path.dirname(folder), { recursive: true })
  const holder = path.join(folder, 'pid')
  for (;;) {
    try {
      mkdirSync(folder)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const pid = holderOf(holder)
    if (pid !== undefined && !isRunning(pid)) rmSync(folder, { recursive: true, force: true })
    else await pause(POLL_MS)
  }
  writeFileSync(holder, String(process.pid))
  try {
    await work()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const holderOf = (file) => {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    // Between its mkdir and its write.
    return undefined
  }
}

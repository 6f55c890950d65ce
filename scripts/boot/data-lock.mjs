import { accessSync, constants, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { BootFailure } from './failure.mjs'
import { isRunning } from './process-state.mjs'

const BOOT = 'boot.mjs'

/** Makes the data folder, readable by its owner only, and makes sure that something can be written there. */
export const openDataFolder = (folder) => {
  try {
    mkdirSync(path.join(folder, 'logs'), { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK | constants.X_OK)
    const probe = path.join(folder, `.probe-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (error) {
    throw new BootFailure(
      `The data folder ${folder} cannot be written (${error.code}). Set QUARRY_DATA to one that can.`,
    )
  }
}

/**
 * Takes `lock` in the data folder: the embedded database is destroyed by two processes that write it. The lock of a
 * process that is gone is taken over.
 *
 * @param {string} folder
 * @param {string} address told to the one who comes second
 * @returns {() => void} gives it back
 */
export const lockDataFolder = (folder, address) => {
  const { release, holder } = tryLockDataFolder(folder, address)
  if (release !== undefined) return release
  throw new BootFailure(
    `Quarry already runs on ${folder} (process ${holder.pid}, ${holder.address}). Stop that one, or set QUARRY_DATA to another folder.`,
  )
}

/**
 * The same for one that can do with less: `holder` is who has it.
 *
 * @param {string} folder
 * @param {string} address
 * @param {string} [program] stands in the command line of whoever may hold it
 * @returns {{ release: () => void, holder?: undefined } | { release?: undefined, holder: { pid: number, address: string } }}
 */
export const tryLockDataFolder = (folder, address, program = BOOT) => {
  const file = path.join(folder, 'lock')
  const release = () => {
    if (read(file)?.pid === process.pid) rmSync(file, { force: true })
  }
  for (;;) {
    if (place(file, { pid: process.pid, address })) return { release }
    const holder = read(file)
    if (holder !== undefined && holder.pid !== process.pid && isHolder(holder.pid, program)) return { holder }
    takeAway(file, program)
  }
}

/** Appears whole or not at all: a lock seen half written would look stale. False when there is one. */
const place = (file, holder) => {
  const draft = `${file}.draft-${process.pid}`
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 })
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw new BootFailure(`The data folder cannot be locked: ${error.message}`)
  } finally {
    rmSync(draft, { force: true })
  }
}

const read = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Process ids come round again, above all after the machine has started anew: another program is not a holder. */
const isHolder = (pid, program) => {
  if (!isRunning(pid)) return false
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program)
  } catch {
    // No /proc on this system: trust the id.
    return true
  }
}

/** Renaming is atomic: of two that find the same stale lock, only one moves it. */
const takeAway = (file, program) => {
  const aside = `${file}.stale-${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  const moved = read(aside)
  rmSync(aside, { force: true })
  // The other one was faster, and this was its fresh lock: put it back.
  if (moved !== undefined && isHolder(moved.pid, program)) place(file, moved)
}

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FILE = 'database.pid'
/** Part of the command line of the process that holds it. */
const PROGRAM = 'embedded/main'

/**
 * Makes this process the only one that opens the database's files, from before it opens them: two would destroy them.
 * (The socket is there only when the database serves; a process whose parent was killed while it started may open the
 * files seconds later.) The lock of a process that is gone is taken over. Throws when another one has it.
 */
export const takeProcessLock = (dataDir: string): void => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, FILE)
  while (!place(path)) {
    const holder = read(path)
    if (holder !== null && holder !== process.pid && isDatabase(holder))
      throw new Error(`another database already serves ${dataDir} (process ${holder})`)
    takeAway(path)
  }
  process.once('exit', () => {
    if (read(path) === process.pid) rmSync(path, { force: true })
  })
}

/** Appears whole or not at all. False when there is one. */
const place = (path: string): boolean => {
  const draft = `${path}.draft-${process.pid}`
  writeFileSync(draft, String(process.pid), { mode: 0o600 })
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

const read = (path: string): number | null => {
  try {
    return Number(readFileSync(path, 'utf8')) || null
  } catch {
    return null
  }
}

/** Process ids come round again: another program is no holder. */
const isDatabase = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(PROGRAM)
  } catch {
    // No /proc on this system: trust the id.
    return true
  }
}

/** Renaming is atomic: of two that find the same stale lock, only one moves it. */
const takeAway = (path: string): void => {
  const aside = `${path}.stale-${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  const moved = read(aside)
  // The other one was faster, and this was its fresh lock: put it back.
  if (moved !== null && moved !== process.pid && isDatabase(moved)) {
    try {
      linkSync(aside, path)
    } catch {
      // Somebody has placed one already.
    }
  }
  rmSync(aside, { force: true })
}

import { readFileSync } from 'node:fs'

/** Whether a process exists, whoever owns it. One that has ended and that nobody has waited for (a zombie) does not. */
export const isRunning = (pid) => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
  return !isZombie(pid)
}

/** In containers the first process often waits for nobody. */
const isZombie = (pid) => {
  try {
    // `pid (name) state …`: a name may hold anything, brackets too.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    // No /proc on this system.
    return false
  }
}

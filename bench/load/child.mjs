import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/**
 * A program of this folder in a process of its own, which ends with this one.
 *
 * @param {string} file
 */
export const startChild = (file) => {
  const child = fork(join(import.meta.dirname, file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const next = async () => {
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${file} ended with ${code}`)
    })
    // Who wins leaves the other one behind, which nobody waits for.
    ended.catch(() => {})
    return (await Promise.race([once(child, 'message'), ended]))[0]
  }
  return {
    pid: child.pid,
    next,
    /** @param {object} task @returns {Promise<any>} */
    ask: (task) => {
      const answered = next()
      child.send(task)
      return answered
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

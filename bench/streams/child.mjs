import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/**
 * A program of this folder in a process of its own, which ends with this one.
 *
 * @param {string} file @param {readonly string[]} [args]
 */
export const startChild = (file, args = []) => {
  const child = fork(join(import.meta.dirname, file), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const next = async () => (await once(child, 'message'))[0]
  return {
    next,
    /** @param {object} task @returns {Promise<any>} */
    ask: (task) => {
      const answered = next()
      child.send(task)
      return answered
    },
    stop: async () => {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

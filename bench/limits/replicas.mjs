import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/**
 * A web process below HTTP, in a process of its own. It does what it is asked, and answers with a number or figures.
 *
 * @param {object} environment handed on as it is
 * @param {string} program its file
 */
export const startReplica = async (environment, program = join(import.meta.dirname, 'replica.mjs')) => {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const answer = async (message) => {
    const gone = new AbortController()
    const exit = () => gone.abort(new Error('a process of the benchmark ended'))
    child.once('exit', exit)
    try {
      const answered = once(child, 'message', { signal: gone.signal })
      child.send(message)
      return (await answered)[0]
    } finally {
      child.off('exit', exit)
    }
  }
  await answer(environment)
  return {
    /** @param {object} task @returns {Promise<any>} */
    ask: answer,
    stop: async () => {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.send({ what: 'stop' })
      await ended
    },
  }
}

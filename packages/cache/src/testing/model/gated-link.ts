import { RedisUnavailable, type LinkState, type RedisLink } from '../../redis/redis-link.ts'
import type { Gates } from './gates.ts'

/** A process's way to the real Redis in a model run: each command waits at a gate, and may be lost there or on its way back. */
export const createGatedLink = (real: RedisLink, gates: Gates, owner: number, isDeaf = false) => {
  const recovered = new Set<() => void>()
  const listeners = new Set<(message: string) => void>()
  let state: LinkState = 'closed'
  /** Counts up when another one takes the place of the old. */
  let server = 0
  const link: RedisLink = {
    async run(commands) {
      if (state !== 'closed') throw new RedisUnavailable()
      const before = server
      const fate = await gates.wait(owner)
      // A command that was under way when the link was cut may still arrive; at a server that is no more it does not.
      if (fate === 'lost' || server !== before) throw new RedisUnavailable()
      const answer = await gates.during(() => real.run(commands))
      if (fate === 'unheard' || state !== 'closed') throw new RedisUnavailable()
      return answer
    },
    get state() {
      return state
    },
    subscribe(_channel, listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onRecovery(listener) {
      recovered.add(listener)
      return () => recovered.delete(listener)
    },
    async close() {},
  }
  return {
    link,
    cut: ({ forGood = false } = {}) => {
      state = 'open'
      if (forGood) server++
    },
    mend: () => {
      if (state === 'closed') return
      state = 'closed'
      if (!isDeaf) for (const listener of recovered) listener()
    },
    hear: (message: string) => {
      for (const listener of listeners) listener(message)
    },
  }
}

import { AppError } from '@quarry/contracts'
import { createAttemptLimit, type AttemptLimit } from './attempt-limit.ts'
import { webCore } from './web-core.ts'

/** Nobody guesses 256 bits; who tries costs us look-ups. A mangled link is opened a few times, by a few people. */
const GUESSES = 50
const WINDOW_SECONDS = 15 * 60

declare global {
  // Next loads modules twice; guesses are counted once.
  var quarryGuesses: AttemptLimit | undefined
}
const guesses = (): AttemptLimit => (globalThis.quarryGuesses ??= open())

const open = (): AttemptLimit => {
  const { redis, adapters } = webCore().deps
  return createAttemptLimit({
    name: 'guess',
    attempts: GUESSES,
    windowSeconds: WINDOW_SECONDS,
    redis,
    replicas: adapters.replicas.web,
  })
}

/**
 * Runs what a caller of `network` could try with guessed secrets; only what finds nothing counts. Throws
 * AppError('rate_limited').
 */
export const limitGuesses = async <T>(network: string, attempt: () => Promise<T>): Promise<T> => {
  const retryAfterSeconds = await guesses().count(network)
  if (retryAfterSeconds > 0)
    throw new AppError('rate_limited', {
      message: 'Too many links that lead nowhere were opened from this network.',
      details: { retryAfterSeconds },
    })
  try {
    const found = await attempt()
    await guesses().refund(network)
    return found
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'not_found')) await guesses().refund(network)
    throw error
  }
}

/** Guesses at one account. A person who mistypes is done in three; a list of passwords gets 10 a minute. */
const ATTEMPTS = 10
const WINDOW_MS = 60_000
/** Accounts remembered; the oldest go first, and an attacker who names many accounts guesses at none of them. */
const MOST_ACCOUNTS = 10_000

const attempts = new Map<string, { count: number; startedAt: number }>()

/**
 * Counts an attempt to sign in and says how many seconds to wait, 0 for none. By account, not by address: behind a
 * proxy the address is whatever the caller says. In this process only.
 */
export const countSignIn = (email: string, now = Date.now()): number => {
  const key = email.trim().toLowerCase()
  const seen = attempts.get(key)
  if (!seen || now - seen.startedAt >= WINDOW_MS) {
    attempts.delete(key)
    const oldest = attempts.size >= MOST_ACCOUNTS ? attempts.keys().next().value : undefined
    if (oldest !== undefined) attempts.delete(oldest)
    attempts.set(key, { count: 1, startedAt: now })
    return 0
  }
  seen.count++
  return seen.count > ATTEMPTS ? Math.ceil((seen.startedAt + WINDOW_MS - now) / 1000) : 0
}

/** A right password: what was counted was a person who mistyped. */
export const forgetSignIns = (email: string): void => {
  attempts.delete(email.trim().toLowerCase())
}

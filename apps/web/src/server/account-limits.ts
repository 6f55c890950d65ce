import { AppError } from '@quarry/contracts'
import { createAttemptLimit } from './attempt-limit.ts'

const MINUTE_MS = 60_000

/** Guards the two ways in that cost a password hash (~100 ms of a core) or make rows for whoever asks. */
export const createAccountLimits = () => {
  // A person who mistypes is done in three; a list of passwords gets 10 a minute, from wherever it is tried.
  const signInsByAccount = createAttemptLimit(10, MINUTE_MS)
  // One password tried at many accounts. Right ones do not count: an office signs in from one address.
  const signInsByNetwork = createAttemptLimit(50, 15 * MINUTE_MS)
  // A class or an office that starts together, and not a machine.
  const signUpsByNetwork = createAttemptLimit(30, 10 * MINUTE_MS)
  const account = (email: string) => email.trim().toLowerCase()
  const refuse = (retryAfterSeconds: number, message: string) => {
    if (retryAfterSeconds > 0) throw new AppError('rate_limited', { message, details: { retryAfterSeconds } })
  }
  return {
    /** Throws AppError('rate_limited'). */
    beforeSignIn(email: string, network: string): void {
      refuse(signInsByNetwork.count(network), 'Too many attempts to sign in from this network.')
      refuse(signInsByAccount.count(account(email)), 'Too many attempts to sign in to this account.')
    },
    /** The password was right. */
    afterSignIn(email: string, network: string): void {
      signInsByNetwork.refund(network)
      signInsByAccount.forget(account(email))
    },
    /** Throws AppError('rate_limited'). */
    beforeSignUp(network: string): void {
      refuse(signUpsByNetwork.count(network), 'Too many accounts were made from this network.')
    },
  }
}

import { createHmac } from 'node:crypto'
import { AppError } from '@quarry/contracts'
import { createAttemptLimit, type AttemptLimitOptions } from './attempt-limit.ts'

const WINDOW_SECONDS = 15 * 60

/** Guards the two ways in that cost a password hash (~100 ms of a core) or make rows for whoever asks. */
export const createAccountLimits = (share: Pick<AttemptLimitOptions, 'redis' | 'replicas'>, secret: string) => {
  const limit = (name: string, attempts: number) =>
    createAttemptLimit({ ...share, name, attempts, windowSeconds: WINDOW_SECONDS })
  // A person who mistypes is done in three; a list of passwords gets 10, from wherever it is tried.
  const signInsByAccount = limit('account', 10)
  // One password tried at many accounts. Right ones do not count: an office signs in from one address.
  const signInsByNetwork = limit('network', 50)
  // A class or an office that starts together, and not a machine.
  const signUpsByNetwork = limit('sign-up', 30)
  /** Nobody who reads Redis, or a copy of it, learns who has an account here. */
  const account = (email: string) => createHmac('sha256', secret).update(email.trim().toLowerCase()).digest('base64url')
  const refuse = (retryAfterSeconds: number, message: string) => {
    if (retryAfterSeconds === 0) return
    const minutes = Math.ceil(retryAfterSeconds / 60)
    throw new AppError('rate_limited', {
      message,
      action: `Try again in ${minutes} minute${minutes === 1 ? '' : 's'}.`,
      details: { retryAfterSeconds },
    })
  }
  return {
    /** Throws AppError('rate_limited'). */
    async beforeSignIn(email: string, network: string): Promise<void> {
      refuse(await signInsByNetwork.count(network), 'Too many attempts to sign in from this network.')
      refuse(await signInsByAccount.count(account(email)), 'Too many attempts to sign in to this account.')
    },
    /**
     * The password was right: this one attempt does not count. Those before it do, or whoever guesses would start over
     * each time that the person signs in.
     */
    async afterSignIn(email: string, network: string): Promise<void> {
      await Promise.all([signInsByNetwork.refund(network), signInsByAccount.refund(account(email))])
    },
    /** Throws AppError('rate_limited'). */
    async beforeSignUp(network: string): Promise<void> {
      refuse(await signUpsByNetwork.count(network), 'Too many accounts were made from this network.')
    },
  }
}

import type { Decision } from '@quarry/cache'
import { AppError } from '@quarry/contracts'

/** Which limit it was, and when it goes on. */
export const refusal = ({ refusedBy, retryAfterSeconds, buckets }: Decision): AppError => {
  const bucket = buckets.find(({ policy }) => policy === refusedBy)
  if (bucket === undefined || refusedBy === 'address') return addressRefusal(retryAfterSeconds)
  const window = bucket.refillSeconds === 60 ? 'a minute' : 'an hour'
  const message =
    refusedBy === 'organisation'
      ? `Your workspace has used up its limit of ${bucket.capacity} ${window}.`
      : `You have reached your limit of ${bucket.capacity} ${window}.`
  return new AppError('rate_limited', {
    message,
    action: goOn(retryAfterSeconds),
    details: { limit: refusedBy, retryAfterSeconds: wholeSeconds(retryAfterSeconds) },
  })
}

/** Says nothing of how much others at the same address have called. */
export const addressRefusal = (retryAfterSeconds: number): AppError =>
  new AppError('rate_limited', {
    message: 'Too many requests come from your network.',
    action: goOn(retryAfterSeconds),
    details: { limit: 'address', retryAfterSeconds: wholeSeconds(retryAfterSeconds) },
  })

const wholeSeconds = (seconds: number): number => Math.max(1, Math.ceil(seconds))

const goOn = (seconds: number): string => {
  const whole = wholeSeconds(seconds)
  if (whole < 120) return `It goes on in ${whole} second${whole === 1 ? '' : 's'}.`
  return `It goes on in ${Math.ceil(whole / 60)} minutes.`
}

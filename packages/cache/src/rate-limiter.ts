/**
 * A token bucket: `capacity` tokens at most, refilled evenly, all of them in `refillSeconds`. A call takes `cost` of
 * them, or none and is refused.
 */
export interface Bucket {
  /** In the key and in the headers: `user`, `organisation`, `address`. */
  readonly policy: string
  /** Whose it is: the whole key of the bucket, made by `bucketKey`. */
  readonly key: string
  readonly capacity: number
  readonly refillSeconds: number
  /** Tokens, with fractions; 0 only looks, and fewer give back what was charged before. */
  readonly cost: number
}

export interface BucketState {
  readonly policy: string
  readonly capacity: number
  readonly refillSeconds: number
  /** Tokens left after this call. */
  readonly remaining: number
  /** Seconds until the bucket is full again. */
  readonly resetSeconds: number
}

export interface Decision {
  readonly allowed: boolean
  /** Seconds until the same call would be allowed, with fractions; 0 when it is. */
  readonly retryAfterSeconds: number
  /** The policy of the bucket that refused; of several the one to wait longest for. */
  readonly refusedBy: string | null
  readonly buckets: readonly BucketState[]
}

export interface ChargeOptions {
  /** Whoever asks can go another way where it is refused, which charges again: that then is the decision. */
  readonly tentative?: boolean
}

/** Counts calls on all replicas together. Never throws for its own reasons: without Redis each replica has its share. */
export interface RateLimiter {
  /** Charges all of the buckets, or none. Throws AppError('too_large') for a cost that no wait would allow. */
  charge(buckets: readonly Bucket[], options?: ChargeOptions): Promise<Decision>
}

/**
 * How empty a bucket was at some time. Time stands for tokens: the microseconds that refilling them takes. Of a bucket
 * that is not full something is missing, and as time passes less is; so nothing has to run between two calls, and a
 * limit that is changed leaves a bucket as full as it was, in proportion. (The generic cell rate algorithm, ITU-T I.371.)
 */
export interface BucketLevel {
  readonly missingUs: number
  readonly atUs: number
}

/** The same arithmetic as in token-bucket-script.ts, step by step: a test holds the two together. */
export const missingAt = (level: BucketLevel | undefined, refillUs: number, nowUs: number): number => {
  if (level === undefined) return 0
  // A clock that was set back refills nothing, and costs nobody more than what was missing.
  const elapsedUs = Math.max(0, nowUs - level.atUs)
  return Math.max(0, Math.min(refillUs, level.missingUs - elapsedUs))
}

/** A sum of many fractions is not exact to the last bit; the clock itself counts in microseconds. */
export const TOLERANCE_US = 1

/** What a charge comes to: `refusedBy` is the place of the bucket that refuses longest, or -1; levels are in their order. */
export interface Outcome {
  readonly refusedBy: number
  readonly waitUs: number
  readonly missingUs: readonly number[]
}

/** One bucket of a charge, in microseconds. A negative cost gives back. */
export interface TimedBucket {
  readonly key: string
  readonly refillUs: number
  readonly costUs: number
}

/** Charges all or none; `after` has the new levels when all were charged. */
export const settle = (
  buckets: readonly TimedBucket[],
  levelOf: (key: string) => BucketLevel | undefined,
  nowUs: number,
): Outcome & { readonly after: readonly BucketLevel[] } => {
  const before = buckets.map(({ key, refillUs }) => missingAt(levelOf(key), refillUs, nowUs))
  let refusedBy = -1
  let waitUs = 0
  for (const [i, { refillUs, costUs }] of buckets.entries()) {
    const overUs = (before[i] ?? 0) + costUs - refillUs
    if (overUs > TOLERANCE_US && overUs > waitUs) {
      refusedBy = i
      waitUs = overUs
    }
  }
  if (refusedBy >= 0) return { refusedBy, waitUs: Math.ceil(waitUs), missingUs: before.map(Math.ceil), after: [] }
  const after = buckets.map(({ costUs }, i) => ({ missingUs: Math.max(0, (before[i] ?? 0) + costUs), atUs: nowUs }))
  return { refusedBy, waitUs: 0, missingUs: after.map(({ missingUs }) => Math.ceil(missingUs)), after }
}

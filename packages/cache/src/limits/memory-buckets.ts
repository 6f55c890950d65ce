import { settle, type BucketLevel, type Outcome, type TimedBucket } from './bucket-level.ts'

/** About 20 MB. An attacker with more networks than that gets each of them a full bucket, and no memory of ours. */
const MOST_BUCKETS = 100_000

export interface MemoryBuckets {
  charge(buckets: readonly TimedBucket[]): Outcome
  readonly size: number
}

/** The buckets of one process: the same arithmetic as in Redis. `nowUs`: microseconds of any clock that never goes back. */
export const createMemoryBuckets = (
  nowUs: () => number = () => performance.now() * 1000,
  mostBuckets = MOST_BUCKETS,
): MemoryBuckets => {
  /** In the order of their last use, refusals included: what was not used for longest is the fullest, and goes first. */
  const levels = new Map<string, BucketLevel>()
  return {
    charge(buckets) {
      const { after, ...outcome } = settle(buckets, (key) => levels.get(key), nowUs())
      for (const [i, { key, costUs }] of buckets.entries()) {
        const level = costUs === 0 ? levels.get(key) : (after[i] ?? levels.get(key))
        if (level === undefined) continue
        levels.delete(key)
        levels.set(key, level)
      }
      for (const key of levels.keys()) {
        if (levels.size <= mostBuckets) break
        levels.delete(key)
      }
      return outcome
    },
    get size() {
      return levels.size
    },
  }
}

import { describe } from 'vitest'
import { testCrowdedSearch } from './testing/crowded-suite.ts'

describe('check 24: a small organisation among 3,000 nearer passages of others', () => {
  testCrowdedSearch(3_000, { mostLookedAt: [100_000] })
})

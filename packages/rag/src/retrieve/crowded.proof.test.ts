import { describe } from 'vitest'
import { testCrowdedSearch } from './testing/crowded-suite.ts'

describe('check 24: a small organisation among 100,000 nearer passages of others', () => {
  testCrowdedSearch(100_000, { mostLookedAt: [] })
})

import { describeCrowdedSearch } from './testing/crowded-suite.ts'

describeCrowdedSearch('check 24: a small organisation among 100,000 nearer passages of others', 100_000, {
  throughAll: false,
})

import { describeCrowdedSearch } from './testing/crowded-suite.ts'

describeCrowdedSearch('check 24: a small organisation among 3,000 nearer passages of others', 3_000, {
  throughAll: true,
})

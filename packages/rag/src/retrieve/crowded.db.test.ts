import { describeCrowdedSearch } from './testing/crowded-suite.ts'

describeCrowdedSearch(3_000, { throughAll: true })

import type { RateLimiter } from '@quarry/cache'
import { notes, type Metrics } from '@quarry/observability'

/** Counts what is decided, and notes it for the request. What is given back, looked at or tried in vain decides nothing. */
export const countedLimiter = (limiter: RateLimiter, metrics: Metrics): RateLimiter => ({
  charge: async (buckets, options) => {
    const decision = await limiter.charge(buckets, options)
    const noted = notes()
    if (decision.refusedBy !== null) {
      if (options?.tentative === true) return decision
      metrics.limitDecisions.inc({ policy: decision.refusedBy, decision: 'refused' })
      if (noted) noted.limits = `refused by ${decision.refusedBy}`
      return decision
    }
    let charged = false
    for (const { policy, cost } of buckets) {
      if (cost <= 0) continue
      charged = true
      metrics.limitDecisions.inc({ policy, decision: 'allowed' })
    }
    if (charged && noted) noted.limits ??= 'allowed'
    return decision
  },
})

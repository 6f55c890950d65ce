import { bucketKey, type Bucket, type Decision } from '@quarry/cache'
import type { Actor, OrgId } from '@quarry/contracts'
import type { CoreDeps, Person } from '@quarry/core'
import { COSTS, type Cost } from './costs.ts'
import { limitHeaders, tightest, type PolicyStates } from './limit-headers.ts'
import { refusal } from './refusal.ts'
import { createSpentAddresses, type SpentAddresses } from './spent-addresses.ts'

const MINUTE_SECONDS = 60
const HOUR_SECONDS = 3600

/** A member or key of an organisation, a person in none, or nobody. */
export type Caller = Actor | Person | null

/** The limits of one request, whatever number of calls it carries. */
export interface CallLimits {
  /**
   * Throws AppError('rate_limited') where this address was refused a moment ago: before anybody is looked up, which
   * costs the database something.
   */
  requireAddress(): void
  /** Charges address, caller and organisation, all or none. Throws AppError('rate_limited'). */
  charge(caller: Caller, cost: Cost): Promise<void>
  /**
   * As `charge`, and false where that would refuse: nothing was charged then, and nothing is said or remembered of it.
   * For who can still go another way, which then charges and refuses.
   */
  chargeIfAllowed(caller: Actor, cost: Cost): Promise<boolean>
  /** As `charge`, but no more than a bucket holds: what is larger than that would never be allowed. Returns what it was. */
  chargeAtMost(caller: Actor, cost: Cost): Promise<Cost>
  /** What was charged and not used. */
  refund(caller: Actor, cost: Cost): Promise<void>
  /** For an answer that had to be computed. Throws AppError('rate_limited'). */
  chargeOrganisation(orgId: OrgId, tokens: number): Promise<void>
  /** What the answer says of the limits: those of whoever called, and of nobody else. */
  headers(): Record<string, string>
}

type Deps = Pick<CoreDeps, 'rateLimiter' | 'flags' | 'limits'>

/** Addresses are remembered per process, whatever request asks. */
const spentByLimiter = new WeakMap<object, SpentAddresses>()

/** `network` is whom the request comes from, as `clientNetwork` says. */
export const createCallLimits = (deps: Deps, network: string): CallLimits => {
  const { rateLimiter, flags } = deps
  const spent = spentByLimiter.get(rateLimiter) ?? createSpentAddresses()
  spentByLimiter.set(rateLimiter, spent)
  const states: PolicyStates = new Map()

  const settle = async (buckets: readonly Bucket[]): Promise<void> => {
    if (buckets.length === 0) return
    const decision: Decision = await rateLimiter.charge(buckets)
    for (const state of decision.buckets) tightest(states, state, decision.refusedBy)
    if (decision.allowed) return
    // An upload that was refused says nothing of a call that costs a hundredth of it.
    const isCall = buckets.every(({ cost }) => cost <= COSTS.question.caller)
    if (decision.refusedBy === 'address' && isCall) spent.add(network, decision.retryAfterSeconds)
    throw refusal(decision)
  }
  const addressBucket = (cost: number): Bucket => ({
    policy: 'address',
    key: bucketKey.address(network),
    capacity: deps.limits.rate.perMinuteAndAddress,
    refillSeconds: MINUTE_SECONDS,
    cost,
  })
  const organisationBucket = async (orgId: OrgId, cost: number): Promise<Bucket> => ({
    policy: 'organisation',
    key: bucketKey.organisation(orgId),
    capacity: (await flags.limitsOf(orgId)).perHour ?? deps.limits.rate.perHour,
    refillSeconds: HOUR_SECONDS,
    cost,
  })
  const userBucket = (key: string, capacity: number, cost: number): Bucket => ({
    policy: 'user',
    key,
    capacity,
    refillSeconds: MINUTE_SECONDS,
    cost,
  })
  const bucketsOf = async (caller: Caller, { caller: own, organisation }: Cost): Promise<Bucket[]> => {
    if (caller === null) return [addressBucket(own)]
    if (!('orgId' in caller))
      return [userBucket(bucketKey.person(caller.userId), deps.limits.rate.perMinute, own), addressBucket(own)]
    const { orgId, id } = caller
    if (!(await flags.isOn('limits.calls', orgId))) return []
    const { perMinute } = await flags.limitsOf(orgId)
    return [
      userBucket(bucketKey.actor(orgId, id ?? ''), perMinute ?? deps.limits.rate.perMinute, own),
      await organisationBucket(orgId, organisation),
      addressBucket(own),
    ]
  }

  return {
    requireAddress: () => spent.require(network),
    charge: async (caller, cost) => settle(await bucketsOf(caller, cost)),
    chargeIfAllowed: async (caller, cost) => {
      const buckets = await bucketsOf(caller, cost)
      // Several calls at once may cost more than fits into a bucket; one after the other they may be allowed.
      if (buckets.some((bucket) => bucket.cost > bucket.capacity)) return false
      const decision = await rateLimiter.charge(buckets, { tentative: true })
      if (decision.allowed) for (const state of decision.buckets) tightest(states, state, null)
      return decision.allowed
    },
    chargeAtMost: async (caller, cost) => {
      const buckets = await bucketsOf(caller, cost)
      const capped = buckets.map((bucket) => ({ ...bucket, cost: Math.min(bucket.cost, bucket.capacity) }))
      await settle(capped)
      const costOf = (policy: string) => capped.find((bucket) => bucket.policy === policy)?.cost ?? 0
      return { caller: costOf('user'), organisation: costOf('organisation') }
    },
    refund: async (caller, cost) => {
      await rateLimiter.charge(
        await bucketsOf(caller, { caller: -Math.max(0, cost.caller), organisation: -Math.max(0, cost.organisation) }),
      )
    },
    chargeOrganisation: async (orgId, tokens) => {
      if (tokens === 0 || !(await flags.isOn('limits.calls', orgId))) return
      await settle([await organisationBucket(orgId, tokens)])
    },
    headers: () => limitHeaders(states),
  }
}

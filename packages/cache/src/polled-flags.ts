import { AsyncLocalStorage } from 'node:async_hooks'
import type { OrgId } from '@quarry/contracts'
import { isOnFor, switchedFlags, type FlagRow, type SwitchedFlag } from './flag-decision.ts'
import type { Flags, OrganisationLimits } from './flags.ts'

/** All that an operator has switched and limited. */
export interface InstallationSettings {
  readonly flags: readonly FlagRow[]
  readonly limits: readonly LimitRow[]
}

/** A row of the table `organisation_limit`. */
export interface LimitRow extends OrganisationLimits {
  readonly orgId: string
}

export interface PolledFlagsOptions<S extends InstallationSettings> {
  /** Told what each read found, and the one before. */
  readonly onRead?: (now: S, before: S | null) => void
  /** Told the first error of an outage. */
  readonly onError?: (error: unknown) => void
}

/** Half of the second after which a change counts everywhere: the other half is for the read itself. */
const INTERVAL_MS = 500
/** What is older is not answered from while the database can be asked. */
const FRESH_MS = 1_000
/** The longest that somebody waits for the first read; a database that is slower than this is in trouble of its own. */
const WAIT_MS = 1_000
/** After so long without a question nothing is read any more, until the next one. */
const IDLE_MS = 10_000

const AS_CONFIGURED: OrganisationLimits = {
  perMinute: null,
  perHour: null,
  runsPerUser: null,
  runsPerOrganisation: null,
}

const limitsIn = ({ perMinute, perHour, runsPerUser, runsPerOrganisation }: LimitRow): OrganisationLimits => ({
  perMinute,
  perHour,
  runsPerUser,
  runsPerOrganisation,
})

interface Snapshot {
  readonly flags: ReadonlyMap<string, SwitchedFlag>
  readonly limits: ReadonlyMap<string, OrganisationLimits>
  /** When the read began: what was committed before is in it. */
  readonly at: number
}

/**
 * Reads everything twice a second while somebody asks, so that questions are answered from memory. There is a row for
 * each switch and each organisation with limits of its own: hundreds, read in a millisecond. While the database is
 * away what was known last counts, and the defaults where nothing was; nobody waits for it then.
 */
export const createFlags = <S extends InstallationSettings>(
  read: () => Promise<S>,
  options: PolledFlagsOptions<S> = {},
): Flags => {
  const { onError = () => {}, onRead = () => {} } = options
  // What is read for everybody is no part of the request that asked first: its log lines are nobody's.
  const forEverybody = AsyncLocalStorage.snapshot()
  let known: Snapshot = { flags: new Map(), limits: new Map(), at: -Infinity }
  /** The last read failed, or has not come back in time. */
  let away = false
  let told = false
  let before: S | null = null
  let reading: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let askedAt = -Infinity
  let closed = false

  const readOnce = async (): Promise<void> => {
    const at = performance.now()
    try {
      const settings = await read()
      const { flags, limits } = settings
      known = { flags: switchedFlags(flags), limits: new Map(limits.map((row) => [row.orgId, limitsIn(row)])), at }
      onRead(settings, before)
      before = settings
      away = false
      told = false
    } catch (error) {
      if (!told && !closed) onError(error)
      away = true
      told = true
    }
  }
  const poll = (): Promise<void> => {
    clearTimeout(timer)
    reading ??= readOnce().finally(() => {
      reading = undefined
      if (!closed && performance.now() - askedAt < IDLE_MS) timer = setTimeout(() => void poll(), INTERVAL_MS).unref()
    })
    return reading
  }
  const current = async (): Promise<Snapshot> => {
    const now = performance.now()
    const wasIdle = now - askedAt >= IDLE_MS
    askedAt = now
    if (closed || now - known.at < FRESH_MS) return known
    const next = forEverybody(poll)
    // In an outage only the first one who asks after a silence waits; everybody else goes on at once.
    if ((!away || wasIdle) && !(await endsWithin(next, WAIT_MS))) away = true
    return known
  }

  return {
    isOn: async (flag, orgId) => isOnFor(flag, (await current()).flags.get(flag), orgId),
    limitsOf: async (orgId: OrgId) => (await current()).limits.get(orgId) ?? AS_CONFIGURED,
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}

/** Waits for `work`, but not for long. False when it has not ended by then; it goes on. */
const endsWithin = async (work: Promise<void>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)))
  const inTime = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return inTime
}

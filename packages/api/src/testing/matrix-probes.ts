import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { can, PERMISSIONS, role, type Actor, type Permission } from '@quarry/contracts'
import { call, type Outcome, type Procedure } from './call.ts'
import { MATRIX } from './matrix-table.ts'
import { callerOf, CANARY, hashOfRows, type World } from './world.ts'

/**
 * What is tried on each procedure, with one input for every way in which it looks something up. A probe gives back a line
 * for each thing that came out differently, so that a test can also show that there is one where a check was taken away.
 */
export type Faults = string[]

export const rowOf = (path: string) => {
  const row = MATRIX[path]
  if (!row) throw new Error(`${path} is not in the table`)
  return row
}

/** Who the procedure is for. */
export const actorOf = (path: string, world: World): Actor => {
  const { by, can: needs, ownedByMember } = rowOf(path)
  if (by) return by(world)
  if (needs === 'operator') return world.operator
  return ownedByMember ? world.tenant.member : world.tenant.owner
}

/** Who has the most rights of those that another organisation has; its operator would be that of all. */
const foreignerOf = (path: string, world: World): Actor =>
  rowOf(path).can === 'operator' ? world.tenant.owner : actorOf(path, world)

/** The same input with ids that nobody has. */
const withUnknownIds = (input: object, ids: readonly string[]): unknown =>
  JSON.parse(ids.reduce((text, id) => text.replaceAll(id, randomUUID()), JSON.stringify(input)))

const isPermission = (needs: string): needs is Permission => needs in PERMISSIONS

const said = (outcome: Outcome): string =>
  (outcome.ok ? JSON.stringify(outcome.output) : `${outcome.status}`).slice(0, 200)

/** Whether a call was refused with this status. */
const refused = (outcome: Outcome, status: number, who: string): Faults =>
  !outcome.ok && outcome.status === status ? [] : [`${who} should get ${status}, and got ${said(outcome)}`]

/** Whether two calls were answered alike. */
const alike = (one: Outcome, other: Outcome, who: string): Faults =>
  isDeepStrictEqual(one, other) ? [] : [`${who} got ${said(one)}, and with ids that nobody has ${said(other)}`]

const withoutAny = (secrets: readonly string[], outcome: Outcome, who: string): Faults =>
  secrets.filter((secret) => JSON.stringify(outcome).includes(secret)).map((secret) => `${who} was told ${secret}`)

/** Nothing of the world is written meanwhile: not a row, not a job. */
const untouched = async (world: World, probe: () => Promise<Faults>): Promise<Faults> => {
  const before = await hashOfRows(world)
  const faults = await probe()
  return (await hashOfRows(world)) === before ? faults : [...faults, 'rows were written']
}

export const refusesStrangers = async (path: string, a: World): Promise<Faults> => {
  const faults: Faults = []
  for (const { input } of rowOf(path).inputs(a)) {
    const outcome = await call(a.core, null, path, input)
    if (rowOf(path).can !== 'public') faults.push(...refused(outcome, 401, 'a stranger'))
    else if (!outcome.ok) faults.push(`a stranger got ${said(outcome)}`)
  }
  return faults
}

/** A key is no person. */
export const refusesKeysWherePeopleAreMeant = async (path: string, a: World): Promise<Faults> =>
  ['person', 'operator'].includes(rowOf(path).can) ? refusesEach(path, a, [a.tenant.apiKey]) : []

/**
 * Who sees to the installation sees what there is to do in all organisations, and nothing that people wrote there. In a
 * world of its own, which it changes.
 */
export const showsOperatorsNoText = async (path: string, newWorld: () => Promise<World>): Promise<Faults> => {
  if (rowOf(path).can !== 'operator') return []
  const a = await newWorld()
  const faults: Faults = []
  for (const { input, meanwhile } of rowOf(path).inputs(a)) {
    const outcome = await call(a.core, a.operator, path, input, meanwhile && (() => meanwhile(a)))
    faults.push(...withoutAny([CANARY, a.document.path], outcome, 'an operator'))
  }
  return faults
}

export const refusesLowerRoles = async (path: string, a: World): Promise<Faults> => {
  const { can: needs } = rowOf(path)
  const lacking = role.options.filter((r) => needs === 'operator' || (isPermission(needs) && !can(r, needs)))
  return refusesEach(
    path,
    a,
    lacking.map((r) => a.tenant[r]),
  )
}

const refusesEach = (path: string, a: World, callers: readonly Actor[]): Promise<Faults> =>
  untouched(a, async () => {
    const faults: Faults = []
    for (const { input } of rowOf(path).inputs(a))
      for (const caller of callers)
        faults.push(...refused(await call(a.core, caller, path, input), 403, `${caller.kind} ${caller.role}`))
    return faults
  })

/** A's ids get another organisation what ids get it that nobody has. */
export const tellsAnotherTenantNothing = (path: string, a: World, b: World): Promise<Faults> =>
  untouched(a, async () => {
    const faults: Faults = []
    for (const { input, ids, meanwhile, bearer } of rowOf(path).inputs(a)) {
      const caller = foreignerOf(path, b)
      const own = meanwhile && (() => meanwhile(b))
      const foreign = await call(b.core, caller, path, input, own)
      faults.push(...withoutAny([a.collectionId], foreign, 'another tenant'))
      if (ids.length === 0 || bearer) continue
      const unknown = await call(b.core, caller, path, withUnknownIds(input, ids), own)
      faults.push(...alike(foreign, unknown, 'another tenant'), ...withoutAny([CANARY], foreign, 'another tenant'))
    }
    return faults
  })

/** A conversation is its owner's, and no colleague's. */
export const tellsColleaguesNothing = async (path: string, a: World): Promise<Faults> => {
  if (!rowOf(path).ownedByMember) return []
  return untouched(a, async () => {
    const faults: Faults = []
    for (const { input, ids, private: isPrivate } of rowOf(path).inputs(a))
      for (const colleague of [a.tenant.owner, a.tenant.admin, a.tenant.viewer, a.tenant.apiKey]) {
        if (!isPrivate) continue
        const who = `${colleague.kind} ${colleague.role}`
        const foreign = await call(a.core, colleague, path, input)
        const unknown = await call(a.core, colleague, path, withUnknownIds(input, ids))
        faults.push(...refused(foreign, 404, who), ...alike(foreign, unknown, who))
      }
    return faults
  })
}

/** `closed` has everything but the conversation in a collection that only owners and admins see. */
export const tellsOutsidersNothing = async (path: string, closed: World): Promise<Faults> => {
  if (rowOf(path).ofTheCaller) return []
  const secrets = [closed.collectionId, closed.document.path, closed.document.documentId]
  return untouched(closed, async () => {
    const faults: Faults = []
    for (const { input, ids, private: isPrivate, meanwhile, bearer } of rowOf(path).inputs(closed)) {
      // A collection or a key that is made is the caller's own doing; a conversation is the member's own.
      if (isPrivate || meanwhile || (ids.length === 0 && path.endsWith('.create'))) continue
      for (const outsider of [closed.tenant.member, closed.tenant.viewer, closed.tenant.apiKey]) {
        const who = `${outsider.kind} ${outsider.role}`
        const outcome = await call(closed.core, outsider, path, input)
        faults.push(...withoutAny(secrets, outcome, who))
        if (ids.length > 0 && !bearer)
          faults.push(...alike(outcome, await call(closed.core, outsider, path, withUnknownIds(input, ids)), who))
      }
    }
    return faults
  })
}

/** What somebody would like to decide about a row by himself. */
const FIELDS_OF_ROWS = ['id', 'orgId', 'workspaceId', 'ownerId', 'role', 'createdAt', 'actor'] as const

/** Of fields that are not the procedure's own none is taken, and nothing happens. */
export const takesNoOtherFields = async (
  { path, takesInput }: Procedure,
  a: World,
  b: World,
  send = call,
): Promise<Faults> => {
  if (!takesInput) return []
  return untouched(a, async () => {
    const faults: Faults = []
    for (const { input } of rowOf(path).inputs(a))
      for (const field of FIELDS_OF_ROWS) {
        // Left out of the table's input, and still the procedure's own.
        if (field in input || field in (OPTIONAL_TEXTS[path] ?? {})) continue
        const forged = { ...input, [field]: field === 'role' ? 'owner' : b.tenant.orgId }
        faults.push(...refused(await send(a.core, actorOf(path, a), path, forged), 400, `who adds ${field}`))
      }
    return faults
  })
}

const JOB_FILTERS = { state: '', kind: '', errorClass: '', from: '', to: '', cursor: '' }
/** Texts that the inputs of the table leave out. */
const OPTIONAL_TEXTS: Record<string, Record<string, string>> = {
  'documents.list': { query: '', cursor: '' },
  'conversations.list': { cursor: '', query: '' },
  'conversations.get': { cursor: '' },
  'chat.stream': { lastEventId: '' },
  'feed.stream': { lastEventId: '' },
  'jobs.list': JOB_FILTERS,
  'operations.jobs': { ...JOB_FILTERS, orgId: '' },
  'operations.retryClass': { orgId: '' },
  'audit.list': { action: '', actorId: '', from: '', before: '', cursor: '' },
}

export const refusesTextThatNoRowHolds = async (path: string, a: World): Promise<Faults> => {
  const faults: Faults = []
  for (const { input } of rowOf(path).inputs(a))
    for (const [field, value] of Object.entries({ ...OPTIONAL_TEXTS[path], ...input })) {
      if (typeof value !== 'string' || field === 'visibility') continue
      const broken = { ...input, [field]: 'half\u0000way there' }
      faults.push(...refused(await call(a.core, actorOf(path, a), path, broken), 400, `a zero in ${field}`))
    }
  return faults
}

/** The positive control: who it is for gets what it is for. Changes the world. */
export const worksForItsOwner = async (path: string, a: World): Promise<Faults> => {
  const faults: Faults = []
  for (const { input, meanwhile, shows } of rowOf(path).inputs(a)) {
    const outcome = await call(a.core, callerOf(actorOf(path, a)), path, input, meanwhile && (() => meanwhile(a)))
    if (!outcome.ok) faults.push(`its owner got ${JSON.stringify(outcome)}`)
    else if (shows && !JSON.stringify(outcome).includes(shows))
      faults.push(`its owner did not get ${shows}: ${said(outcome)}`)
    if (path.endsWith('.delete') || path === 'keys.revoke' || path === 'documents.complete') break
  }
  return faults
}

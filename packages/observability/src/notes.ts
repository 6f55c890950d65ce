/** What is noted of one request, answer or job while it runs, for the one line that is logged at its end. */
export interface Notes {
  /** Statements sent to the database, and their time; several at once count several times. */
  statements: number
  sqlMs: number
  redisCalls: number
  redisMs: number
  /** Reads through the cache by how they went. */
  readonly cache: Record<string, number>
  /** What the limits said: allowed, or which one refused. */
  limits?: string
  orgId?: string
  /** Of whom: a person or a key, never their name. */
  actorId?: string
  actorKind?: string
}

export const createNotes = (): Notes => ({ statements: 0, sqlMs: 0, redisCalls: 0, redisMs: 0, cache: {} })

const tenths = (ms: number): number => Math.round(ms * 10) / 10

/** As fields of a log line; what did not happen is left out. */
export const notedFields = (noted: Notes): Record<string, unknown> => ({
  ...(noted.orgId !== undefined && { orgId: noted.orgId }),
  ...(noted.actorId !== undefined && { actorId: noted.actorId }),
  ...(noted.actorKind !== undefined && { actor: noted.actorKind }),
  ...(noted.statements > 0 && { statements: noted.statements, sqlMs: tenths(noted.sqlMs) }),
  ...(noted.redisCalls > 0 && { redisCalls: noted.redisCalls, redisMs: tenths(noted.redisMs) }),
  ...(Object.keys(noted.cache).length > 0 && { cache: noted.cache }),
  ...(noted.limits !== undefined && { limits: noted.limits }),
})

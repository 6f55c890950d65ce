import type { VersionRef } from '../cached-reads.ts'

/** An answer as it is kept: whose it is and until when it counts stand with it. */
export interface Envelope {
  readonly value: unknown
  /** Milliseconds since 1970, by the clock of who computed it. It only bounds what is kept: versions say what is true. */
  readonly freshUntil: number
}

/** What a credential's answer depends on, at the version it was computed under. */
export type Guard = VersionRef & { readonly version: number }

export const sealAnswer = (orgId: string, freshUntil: number, value: unknown): string =>
  JSON.stringify({ o: orgId, f: freshUntil, v: value })

/** Null for what is not an envelope of this organisation: that is a miss, whatever else it is. */
export const openAnswer = (text: string, orgId: string): Envelope | null => {
  const { o, f, v } = fieldsOf(text)
  return o === orgId && typeof f === 'number' ? { value: v, freshUntil: f } : null
}

/** What is in an envelope, as it goes to who asked. */
export interface JsonAnswer {
  readonly orgId: string
  readonly freshUntil: number
  /** What `JSON.stringify` makes of the value, to the letter, whoever wrote the envelope. */
  readonly text: string
}

/** Null for what is not an envelope, and for an answer that JSON has no word for. */
export const openJson = (sealed: string): JsonAnswer | null => {
  const { o, f, v } = fieldsOf(sealed)
  if (typeof o !== 'string' || typeof f !== 'number' || v === undefined) return null
  return { orgId: o, freshUntil: f, text: JSON.stringify(v) }
}

export const sealCredential = (guards: readonly Guard[], freshUntil: number, value: unknown): string =>
  JSON.stringify({ g: guards.map(({ subjectId, tag, version }) => [subjectId, tag, version]), f: freshUntil, v: value })

export const openCredential = (text: string): (Envelope & { readonly guards: readonly Guard[] }) | null => {
  const { g, f, v } = fieldsOf(text)
  if (typeof f !== 'number' || !Array.isArray(g)) return null
  const guards = g.map((one: unknown) => guardOf(one))
  return guards.every((guard) => guard !== null) ? { value: v, freshUntil: f, guards } : null
}

const guardOf = (said: unknown): Guard | null => {
  const [subjectId, tag, version]: unknown[] = Array.isArray(said) ? said : []
  if (typeof subjectId !== 'string' || typeof version !== 'number') return null
  return tag === 'permission' || tag === 'documents' || tag === 'index' || tag === 'access'
    ? { subjectId, tag, version }
    : null
}

const fieldsOf = (text: string): Record<string, unknown> => {
  try {
    const said: unknown = JSON.parse(text)
    return typeof said === 'object' && said !== null ? { ...said } : {}
  } catch {
    return {}
  }
}

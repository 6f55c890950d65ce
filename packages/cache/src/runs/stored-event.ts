import { runEventBody, type RunEvent } from '@quarry/contracts'

/** An event as a process holds it once for all of its readers. */
export interface StoredEvent {
  readonly event: RunEvent
  /** What it takes in memory, about: the length of its JSON. */
  readonly bytes: number
}

/**
 * Entries of a stream, as XRANGE and XREAD give them, up to the first that cannot be understood: written by another
 * release, or by somebody else who reaches Redis.
 */
export const eventsOf = (entries: unknown): { readonly events: readonly StoredEvent[]; readonly isWhole: boolean } => {
  const events: StoredEvent[] = []
  for (const entry of listOf(entries)) {
    const stored = eventOf(entry)
    if (stored === null) return { events, isWhole: false }
    events.push(stored)
  }
  return { events, isWhole: true }
}

/** A reply that is a list; of anything else nothing. */
export const listOf = (reply: unknown): readonly unknown[] => (Array.isArray(reply) ? reply : [])

const eventOf = (entry: unknown): StoredEvent | null => {
  const [streamId, fields] = listOf(entry)
  const [, attempt, , json] = listOf(fields)
  if (typeof streamId !== 'string' || typeof attempt !== 'string' || typeof json !== 'string') return null
  try {
    const body = runEventBody.parse(JSON.parse(json))
    return { event: { ...body, id: Number.parseInt(streamId, 10), attempt: Number(attempt) }, bytes: json.length }
  } catch {
    return null
  }
}

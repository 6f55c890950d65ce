import type { RunEvent } from '@quarry/contracts'
import type { StoredEvent } from './stored-event.ts'

/** An event to hand out, in which texts may have been joined: it has the id of the last one. */
export interface Joined {
  readonly first: RunEvent
  readonly event: RunEvent
}

/** The events after `lastId`; with `joins`, texts that follow each other as one. */
export const eventsAfter = (lastId: number, events: readonly StoredEvent[], joins: boolean): readonly Joined[] => {
  const all: Joined[] = []
  for (const { event } of events) {
    if (event.id <= lastId) continue
    const before = joins ? all.at(-1) : undefined
    const joined = before && joinTexts(before.event, event)
    if (before && joined) all[all.length - 1] = { first: before.first, event: joined }
    else all.push({ first: event, event })
  }
  return all
}

/** What an event was last joined with: readers of one run are given the same, which then is serialised once. */
const known = new WeakMap<RunEvent, { readonly next: RunEvent; readonly joined: RunEvent }>()

/** Null where they do not belong together: another kind, another attempt, or something missing between them. */
const joinTexts = (one: RunEvent, next: RunEvent): RunEvent | null => {
  if (one.type !== 'text' || next.type !== 'text' || one.attempt !== next.attempt || next.id !== one.id + 1) return null
  const before = known.get(one)
  if (before?.next === next) return before.joined
  const joined = { ...next, delta: one.delta + next.delta }
  known.set(one, { next, joined })
  return joined
}

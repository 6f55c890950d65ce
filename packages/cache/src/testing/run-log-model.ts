import fc from 'fast-check'
import type { RunEvent } from '@quarry/contracts'
import type { RedisLink } from '../redis/redis-link.ts'
import { firstIdOf, type RunLog, type RunLogWriter } from '../run-log.ts'
import { runKeys } from '../runs/run-keys.ts'
import { newRef, text, waitFor } from './runs.ts'

/** What may happen to a run that two attempts write, and several read. */
export type RunAction =
  /** The older or the newer attempt opens the log, or appends so many events; it may or may not hear that it is fenced off. */
  | { readonly what: 'append'; readonly attempt: 1 | 2 | 3; readonly events: number }
  /** A reader comes back where it was; `knows`: by way of Postgres, with all that the newest attempt has. */
  | { readonly what: 'read'; readonly reader: number; readonly knows: boolean }
  | { readonly what: 'cut'; readonly reader: number }
  | { readonly what: 'forget'; readonly which: 'everything' | 'events' | 'meta' }
  /** Everybody gets what there is for them. */
  | { readonly what: 'settle' }

const READERS = 4

export const runActions = (most: number): fc.Arbitrary<RunAction[]> => {
  const reader = fc.nat(READERS - 1)
  return fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          what: fc.constant('append' as const),
          attempt: fc.constantFrom(1 as const, 1 as const, 2 as const, 2 as const, 3 as const),
          events: fc.integer({ min: 1, max: 3 }),
        }),
      },
      { weight: 5, arbitrary: fc.record({ what: fc.constant('read' as const), reader, knows: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('cut' as const), reader }) },
      {
        weight: 1,
        arbitrary: fc.record({
          what: fc.constant('forget' as const),
          which: fc.constantFrom('everything' as const, 'events' as const, 'meta' as const),
        }),
      },
      { weight: 3, arbitrary: fc.constant({ what: 'settle' as const }) },
    ),
    { maxLength: most },
  )
}

interface Reader {
  lastId: number
  attempt: number
  leave: () => void
  ended: Promise<void>
  isReading: boolean
}

/** One process of the model. */
export interface RunProcess {
  readonly link: RedisLink
  readonly log: RunLog
}

/** Plays the actions against Redis, and says what was wrong: nothing may be. */
export const playRun = async (
  processes: readonly [RunProcess, RunProcess, ...RunProcess[]],
  all: readonly RunAction[],
): Promise<{ readonly wrong: readonly string[]; readonly given: number }> => {
  const ref = newRef()
  const wrong: string[] = []
  const writers = new Map<number, RunLogWriter>()
  /** What was said under an id, by whom. */
  const said = new Map<number, string>()
  let newest = 0
  let newestId = 0
  let given = 0
  const processOf = (n: number): RunProcess => processes[n % processes.length] ?? processes[0]
  const readers: Reader[] = Array.from({ length: READERS }, () => ({
    lastId: 0,
    attempt: 0,
    leave: () => undefined,
    ended: Promise.resolve(),
    isReading: false,
  }))

  /** What Postgres knows when an attempt claims the run. */
  const newestOf = (attempt: number): number =>
    Math.max(0, ...[...said.keys()].filter((id) => id < firstIdOf(attempt + 1)))

  const isConflict = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'conflict'

  const append = async (attempt: number, events: number): Promise<void> => {
    const { log } = processOf(attempt)
    try {
      let writer = writers.get(attempt)
      const isFirst = writer === undefined
      writer ??= await log.open(ref, attempt, newestOf(attempt - 1))
      writers.set(attempt, writer)
      const bodies = Array.from({ length: events }, (_, i) => text(`${attempt}.${said.size + i}`))
      const numbered = await writer.append(isFirst && attempt > 1 ? [{ type: 'reset' }, ...bodies] : bodies)
      for (const event of numbered) {
        if (said.has(event.id) && attempt > 1) wrong.push(`${event.id} was said twice`)
        said.set(event.id, contentOf(event))
      }
      if (attempt >= newest) {
        newest = attempt
        newestId = numbered.at(-1)?.id ?? newestId
      }
    } catch (error) {
      if (!isConflict(error)) throw error
      if (attempt > newest) wrong.push(`attempt ${attempt} was refused, and ${newest} is the newest`)
      if (attempt === newest && writers.has(attempt)) wrong.push(`the newest attempt ${attempt} was fenced off`)
    }
  }

  const read = (reader: Reader, n: number): void => {
    const leaving = new AbortController()
    reader.isReading = true
    reader.leave = () => leaving.abort()
    const from = reader.lastId
    reader.ended = (async () => {
      let last = from
      for await (const event of processOf(n).log.tail(ref, from, leaving.signal)) {
        given++
        // Not by the log's own rule, which is what is tested.
        if (event.id !== last + 1 && event.type !== 'reset') wrong.push(`${event.id} after ${last} in one tail`)
        if (event.id <= reader.lastId) wrong.push(`${event.id} after ${reader.lastId}`)
        if (event.attempt < reader.attempt) wrong.push(`attempt ${event.attempt} after ${reader.attempt}`)
        last = event.id
        reader.lastId = event.id
        reader.attempt = event.attempt
        seen.push(event)
      }
    })().finally(() => (reader.isReading = false))
  }
  const seen: RunEvent[] = []

  const forget = ({ link }: RunProcess, which: 'everything' | 'events' | 'meta'): Promise<unknown> =>
    link.run<unknown>((redis) => (which === 'everything' ? redis.flushall() : redis.del(runKeys(ref)[which])))

  /** Commands of all processes are answered, and what was to be handed out has been. */
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 4; i++) {
      await Promise.all(processes.map(({ link }) => link.run((redis) => redis.ping())))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  for (const action of all) {
    if (action.what === 'append') await append(action.attempt, action.events)
    else if (action.what === 'forget') await forget(processes[0], action.which)
    else if (action.what === 'settle') await settle()
    else {
      const reader = readers[action.reader]
      if (reader === undefined) continue
      reader.leave()
      await reader.ended
      if (action.what === 'cut') continue
      if (action.knows && newestId > reader.lastId) {
        reader.lastId = newestId
        reader.attempt = newest
      }
      read(reader, action.reader)
    }
  }

  // Whoever is up to date gets what the newest attempt says next; nobody else waits for more than it.
  const current = writers.get(newest)
  if (current !== undefined) {
    const upToDate = readers.filter(({ isReading, lastId }) => isReading && lastId === newestId)
    await append(newest, 1)
    const reached = newestId
    await waitFor(() => upToDate.every(({ isReading, lastId }) => !isReading || lastId === reached), 4_000)
  }
  for (const reader of readers) reader.leave()
  await Promise.all(readers.map(({ ended }) => ended))
  for (const event of seen)
    if (said.get(event.id) !== contentOf(event))
      wrong.push(`${event.id} is ${contentOf(event)}, not ${said.get(event.id)}`)
  return { wrong, given }
}

const contentOf = (event: RunEvent): string => (event.type === 'text' ? event.delta : event.type)

import { AppError, type RunEvent, type RunEventBody } from '@quarry/contracts'
import { RedisUnavailable, type RedisLink } from '../redis/redis-link.ts'
import { firstIdOf, type RunLogWriter, type RunRef } from '../run-log.ts'
import { KEEP_ENDED_MS, KEEP_SILENT_MS } from './keeping.ts'
import { runKeys } from './run-keys.ts'
import { appendScript, openScript } from './run-scripts.ts'

/** The longest time that an answer may take, at 25 events a second. What is longer loses its beginning, which is in Postgres. */
const MOST_EVENTS = 100_000

/** Opens the log of a run for an attempt, as RunLog's `open`. `onError` is told what Redis refuses, and not that it is away. */
export const openRedisWriter = async (
  link: RedisLink,
  ref: RunRef,
  attempt: number,
  knownId: number,
  onError: (error: unknown) => void,
): Promise<RunLogWriter> => {
  const { events, meta } = runKeys(ref)
  /** Null where Redis did not do it: it goes on without it. */
  const tried = async (work: () => Promise<unknown>): Promise<unknown> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) onError(error)
      return null
    }
  }
  const atLeast = Math.max(knownId, firstIdOf(attempt) - 1)
  const opened = await tried(() =>
    link.run((redis) => openScript(redis, [events, meta], [attempt, atLeast, KEEP_SILENT_MS])),
  )
  if (opened === -1) throw new AppError('conflict')
  let last = typeof opened === 'number' ? opened : atLeast
  /** A newer attempt has it, or it has ended: for ever. */
  let isOver = false
  /** One at a time: a script that Redis does not know is sent twice, and the next append must not come in between. */
  let before: Promise<unknown> = Promise.resolve()

  return {
    async append(bodies: readonly RunEventBody[]) {
      if (isOver) throw new AppError('conflict')
      const after = last
      const numbered: RunEvent[] = bodies.map((body, i) => ({ ...body, id: after + 1 + i, attempt }))
      last += numbered.length
      const ends = bodies.some(({ type }) => type === 'end')
      isOver = ends
      const keepMs = ends ? KEEP_ENDED_MS : KEEP_SILENT_MS
      const json = bodies.map((body) => JSON.stringify(body))
      const append = () =>
        tried(() =>
          link.run((redis) =>
            appendScript(redis, [events, meta], [attempt, after, keepMs, ends ? 1 : 0, MOST_EVENTS, ...json]),
          ),
        )
      const answered = before.then(append)
      before = answered
      const answer = await answered
      if (answer === 0) {
        isOver = true
        throw new AppError('conflict')
      }
      return numbered
    },
  }
}

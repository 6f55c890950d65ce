/**
 * HTTP/1.1 allows a browser six connections to one host, for all of its tabs together: one is the feed's, and one has to
 * be free for calls. Answers share the others.
 */
const SLOTS = 4
/** How long a tab follows its answer while others wait for theirs: they look as if they were written in turns. */
const TURN_MS = 2_000

/** Of `navigator.locks`. */
export interface TurnLocks {
  request(name: string, options: { signal: AbortSignal }, callback: () => Promise<void>): Promise<unknown>
  query(): Promise<{ readonly pending?: readonly { readonly name?: string }[] }>
}

export interface StreamSlot {
  /** Opens the stream; the returned function leaves it. It is called each time that it is this tab's turn. */
  readonly follow: () => () => void
}

/** Follows in turns with the other tabs, until the returned function is called. Without Web Locks there are no turns. */
export const takeTurns = ({ follow }: StreamSlot, locks: TurnLocks | null = navigator.locks ?? null): (() => void) => {
  // Plain http on another host: browsers keep Web Locks from it.
  if (locks === null) return follow()
  const names = Array.from({ length: SLOTS }, (_, slot) => `quarry-answer-stream:${slot}`)
  let isOver = false
  let leaveTurn = () => {}

  const turn = () => {
    const stopAsking = new AbortController()
    let mine: string | undefined
    const onGranted = async (name: string): Promise<void> => {
      if (isOver || mine !== undefined) return
      mine = name
      stopAsking.abort()
      const ended = Promise.withResolvers<void>()
      const leave = follow()
      const timer = setInterval(() => void yieldIfWanted(), TURN_MS)
      leaveTurn = () => {
        clearInterval(timer)
        leaveTurn = () => {}
        leave()
        ended.resolve()
      }
      const yieldIfWanted = async () => {
        const { pending = [] } = await locks.query()
        if (isOver || !pending.some((lock) => lock.name === name)) return
        leaveTurn()
        turn()
      }
      await ended.promise
    }
    leaveTurn = () => stopAsking.abort()
    for (const name of names)
      locks
        .request(name, { signal: stopAsking.signal }, () => onGranted(name))
        .catch(() => {
          // Given up: another one was free, or nobody looks any more.
        })
  }
  turn()
  return () => {
    isOver = true
    leaveTurn()
  }
}

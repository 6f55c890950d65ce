import { MOST_BACKLOG_BYTES, ReaderTooSlow } from '../run-log.ts'
import type { StoredEvent } from './stored-event.ts'

/** Live events that a reader has not taken yet. */
export interface ReaderQueue {
  /** False: it takes no more, because it has ended or because the reader was too slow. */
  push(events: readonly StoredEvent[]): boolean
  /** The events since the last call, at least one; null when no more will come. Throws ReaderTooSlow. One call at a time. */
  take(): Promise<readonly StoredEvent[] | null>
  /** No more will come. What is there can still be taken. */
  end(): void
}

export const createReaderQueue = (mostBytes: number = MOST_BACKLOG_BYTES): ReaderQueue => {
  let events: StoredEvent[] = []
  let bytes = 0
  let state: 'open' | 'ended' | 'too slow' = 'open'
  let wake = (): void => undefined
  return {
    push: (more) => {
      if (state !== 'open') return false
      events.push(...more)
      for (const one of more) bytes += one.bytes
      if (bytes > mostBytes) {
        state = 'too slow'
        events = []
      }
      wake()
      return state === 'open'
    },
    take: async () => {
      if (events.length === 0 && state === 'open') await new Promise<void>((resolve) => (wake = resolve))
      if (state === 'too slow') throw new ReaderTooSlow()
      if (events.length === 0) return null
      const taken = events
      events = []
      bytes = 0
      return taken
    },
    end: () => {
      if (state === 'open') state = 'ended'
      wake()
    },
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import type { DocumentId, DocumentItem } from '@quarry/contracts'
import type { Connection } from '../server/connection.ts'
import { MAX_BATCH } from '../server/connection.ts'
import { appErrorOf } from '../server/errors.ts'
import { withRetry } from '../server/retry.ts'

/** How a document ended. */
export interface Ended {
  readonly path: string
  readonly status: 'searchable' | 'failed'
  readonly reason: string | null
}

/** Follows documents until each is searchable or has failed. */
export interface Watch {
  add(document: DocumentItem, path: string): void
  /** No more will be added: `finished` then settles with the last of them. */
  close(): void
  readonly pending: number
}

/** A person sees half a second as "at once", and the server answers two small requests a second without noticing. */
const PAUSE_MS = 500
/** Each document that is looked at counts against the key's limit: of ten, once a second is half of it. */
const PAUSE_PER_DOCUMENT_MS = 100
/** The worker goes through documents about in the order of arrival: half of each look is at the oldest, half goes round. */
const HEAD = MAX_BATCH / 2

/** What a document is followed to: being found by its words, or by its meaning, too. */
export type WatchUntil = 'searchable' | 'semantic'

/** Starts a watch; `onLook` is called after each look, `onEnded` once per document, in the order of their endings. */
export const watchDocuments = (
  { api, signal }: Connection,
  options: {
    readonly onEnded: (ended: Ended) => void
    readonly onLook: (seen: readonly DocumentItem[]) => void
    /** Default: `searchable`. */
    readonly until?: WatchUntil
  },
): { readonly watch: Watch; readonly finished: Promise<void> } => {
  const waiting = new Map<DocumentId, string>()
  const state = { closed: false, cursor: 0 }

  const look = async (): Promise<boolean> => {
    const { ids, next } = choose([...waiting.keys()], state.cursor)
    state.cursor = next
    const answers = await Promise.all(
      ids.map(async (id) => ({ id, document: await withRetry(() => documentOrNull(api, id), signal) })),
    )
    let anyEnded = false
    for (const { id, document } of answers) {
      const path = waiting.get(id)
      const ended = path === undefined ? null : endOf(document, path, options.until ?? 'searchable')
      if (ended === null) continue
      anyEnded = true
      waiting.delete(id)
      options.onEnded(ended)
    }
    options.onLook(answers.flatMap(({ document }) => document ?? []))
    return anyEnded
  }

  const follow = async (): Promise<void> => {
    while (!state.closed || waiting.size > 0) {
      const anyEnded = waiting.size > 0 && (await look())
      // Where one has ended, the next ones may have too.
      const pauseMs = Math.max(PAUSE_MS, Math.min(waiting.size, MAX_BATCH) * PAUSE_PER_DOCUMENT_MS)
      if (!anyEnded) await delay(pauseMs, undefined, { signal })
    }
  }

  return {
    watch: {
      add: (document, path) => void waiting.set(document.id, path),
      close: () => {
        state.closed = true
      },
      get pending() {
        return waiting.size
      },
    },
    finished: follow(),
  }
}

/** The oldest ids and, going round, the next of the others: at most one batch. */
export const choose = <Id>(ids: readonly Id[], cursor: number): { ids: readonly Id[]; next: number } => {
  if (ids.length <= MAX_BATCH) return { ids, next: 0 }
  const start = cursor >= HEAD && cursor < ids.length ? cursor : HEAD
  const round = ids.slice(start, start + MAX_BATCH - HEAD)
  return { ids: [...ids.slice(0, HEAD), ...round], next: start + round.length }
}

const documentOrNull = async (api: Connection['api'], id: DocumentId): Promise<DocumentItem | null> => {
  try {
    return await api.documents.get.query({ id })
  } catch (error) {
    if (appErrorOf(error)?.code === 'not_found') return null
    throw error
  }
}

export const endOf = (document: DocumentItem | null, path: string, until: WatchUntil): Ended | null => {
  if (document === null) return { path, status: 'failed', reason: 'It was deleted in the meantime.' }
  const { state, failure, semantic } = document.latest
  // null: there is no semantic index to wait for. One that was overtaken by a newer version will not get one, either.
  const done =
    until === 'searchable' || semantic === null || semantic === 100 || document.liveVersionId !== document.latest.id
  if (state === 'searchable') return done ? { path, status: 'searchable', reason: null } : null
  if (state !== 'failed') return null
  return { path, status: 'failed', reason: failure === null ? null : `${failure.message} ${failure.action}` }
}

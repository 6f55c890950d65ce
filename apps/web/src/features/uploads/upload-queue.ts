import { type CollectionId, type CreateManyOutput, FAILURES, type VersionId } from '@quarry/contracts'
import type { PathedFile } from './dropped-files.ts'
import { type Connection, persist } from './persist.ts'
import { isActive, type Upload, type UploadProblem } from './upload-state.ts'

/** What the queue needs of the world; the real ones are the API and `send-bytes.ts`. */
export interface UploadTransport extends Connection {
  createMany: (collectionId: CollectionId, files: { path: string; sizeBytes: number }[]) => Promise<CreateManyOutput>
  complete: (
    ticket: VersionId,
  ) => Promise<{ outcome: 'accepted' | 'unchanged' | 'failed'; problem: UploadProblem | null }>
  send: (
    ticket: VersionId,
    file: File,
    offset: number,
    onSent: (bytes: number) => void,
    signal: AbortSignal,
  ) => Promise<number>
  stored: (ticket: VersionId, signal: AbortSignal) => Promise<number>
  describe: (error: unknown) => UploadProblem
}

/** Browsers open six connections a host (HTTP/1.1); three leave room for the page, its feed and an answer. */
const PARALLEL = 3

/** The API takes at most this many files a call. */
const FILES_PER_CALL = 200

/** Uploads of this tab: it asks for tickets, sends three files at a time, resumes after a loss, and tells how far it is. */
export const createUploadQueue = (transport: UploadTransport) => {
  let uploads: readonly Upload[] = []
  let serial = 0
  const files = new Map<string, File>()
  const aborts = new Map<string, AbortController>()
  const listeners = new Set<() => void>()

  const set = (next: readonly Upload[]) => {
    uploads = next
    for (const listener of listeners) listener()
  }
  const patch = (key: string, change: Partial<Upload>) =>
    set(uploads.map((u) => (u.key === key ? { ...u, ...change } : u)))
  const fail = (key: string, error: unknown) => patch(key, { phase: 'failed', problem: transport.describe(error) })

  const cancelled = (key: string) => {
    files.delete(key)
    patch(key, { phase: 'cancelled' })
  }

  /** Sends what the server has not yet. Only bytes that it confirms count: after a loss it is asked first. */
  const transfer = (upload: Upload, ticket: VersionId, file: File, signal: AbortSignal) => {
    const { key } = upload
    const onSent = (sentBytes: number) => patch(key, { sentBytes, phase: 'uploading' })
    let resume = upload.sentBytes > 0
    return persist(
      transport,
      () => patch(key, { phase: 'waiting' }),
      signal,
      async () => {
        const offset = resume ? await transport.stored(ticket, signal) : 0
        if (resume && offset >= file.size) return true
        resume = true
        patch(key, { phase: 'uploading', sentBytes: offset })
        return (await transport.send(ticket, file, offset, onSent, signal)) >= file.size
      },
    )
  }

  const run = async (upload: Upload) => {
    const { key, ticket } = upload
    const file = files.get(key)
    if (ticket === null || file === undefined) return
    const abort = new AbortController()
    aborts.set(key, abort)
    patch(key, { phase: 'uploading' })
    try {
      await transfer(upload, ticket, file, abort.signal)
      await persist(
        transport,
        () => patch(key, { phase: 'waiting' }),
        abort.signal,
        async () => {
          patch(key, { phase: 'completing', sentBytes: file.size })
          const { outcome, problem } = await transport.complete(ticket)
          files.delete(key)
          patch(key, { phase: outcome, problem })
          return true
        },
      )
    } catch (error) {
      if (abort.signal.aborted) cancelled(key)
      else fail(key, error)
    } finally {
      aborts.delete(key)
      pump()
    }
  }

  const pump = () => {
    const free = PARALLEL - aborts.size
    for (const upload of uploads.filter((u) => u.phase === 'queued' && u.ticket !== null).slice(0, Math.max(0, free))) {
      void run(upload)
    }
  }

  const requestTickets = async (collectionId: CollectionId, batch: readonly Upload[]) => {
    const wanted = () => batch.filter(({ key }) => files.has(key)) // the others were cancelled
    try {
      await persist(
        transport,
        () => wanted().forEach(({ key }) => patch(key, { phase: 'waiting' })),
        new AbortController().signal,
        async () => {
          const asked = wanted()
          if (asked.length === 0) return true
          const answers = await transport.createMany(
            collectionId,
            asked.map(({ path, sizeBytes }) => ({ path, sizeBytes })),
          )
          for (const [index, { key }] of asked.entries()) {
            const answer = answers[index]
            if (answer === undefined || !files.has(key)) continue
            const { refused, ticket, documentId } = answer
            patch(
              key,
              refused === null ? { phase: 'queued', ticket, documentId } : { phase: 'refused', problem: refused },
            )
          }
          return true
        },
      )
    } catch (error) {
      for (const { key } of wanted()) fail(key, error)
    }
    pump()
  }

  return {
    get: () => uploads,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    /** Adds files; what the limit refuses is named at once and costs no request. */
    add: async (collectionId: CollectionId, added: readonly PathedFile[], maxBytes: number) => {
      const fresh = added.map(({ file, path }): Upload => {
        const key = String((serial += 1))
        const tooLarge = file.size > maxBytes
        if (!tooLarge) files.set(key, file)
        return {
          key,
          path,
          sizeBytes: file.size,
          collectionId,
          phase: tooLarge ? 'refused' : 'queued',
          sentBytes: 0,
          ticket: null,
          documentId: null,
          problem: tooLarge ? FAILURES.too_large : null,
        }
      })
      set([...uploads, ...fresh])
      const wanted = fresh.filter((u) => u.phase === 'queued')
      for (let from = 0; from < wanted.length; from += FILES_PER_CALL) {
        await requestTickets(collectionId, wanted.slice(from, from + FILES_PER_CALL))
      }
    },
    retry: (key: string) => {
      const upload = uploads.find((u) => u.key === key)
      if (upload === undefined || !files.has(key)) return
      patch(key, { phase: 'queued', problem: null })
      if (upload.ticket === null) void requestTickets(upload.collectionId, [upload])
      else pump()
    },
    cancel: (key: string) => {
      const abort = aborts.get(key)
      if (abort === undefined) cancelled(key)
      else abort.abort()
    },
    canRetry: (key: string) => files.has(key),
    clearFinished: () => {
      for (const { key } of uploads.filter((u) => !isActive(u))) files.delete(key)
      set(uploads.filter(isActive))
    },
  }
}

export type UploadQueue = ReturnType<typeof createUploadQueue>

import type { RunEventBody, RunId } from '@quarry/contracts'
import { schema, type TenantDb } from '@quarry/db'
import { storable } from './storable.ts'

interface Part {
  lastEventId: number
  body: RunEventBody
}

/** How much of an answer a crash may cost. A row every two seconds is no load. */
const FLUSH_INTERVAL_MS = 2000

/**
 * Keeps a run's events in `run_part`, so that losing the process loses two seconds at most. Text between two other
 * events becomes one row.
 */
export class PartRecorder {
  readonly #tenantDb: TenantDb
  readonly #run: { readonly runId: RunId; readonly ownerId: string; readonly attempt: number }
  readonly #onError: (error: unknown) => void
  #pending: Part[] = []
  #ordinal = 0
  #writing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(
    tenantDb: TenantDb,
    run: { readonly runId: RunId; readonly ownerId: string; readonly attempt: number },
    onError: (error: unknown) => void,
  ) {
    this.#tenantDb = tenantDb
    this.#run = run
    this.#onError = onError
    this.#timer = setInterval(() => void this.flush(), FLUSH_INTERVAL_MS)
  }

  add(id: number, body: RunEventBody): void {
    const last = this.#pending.at(-1)
    if (body.type === 'text' && last?.body.type === 'text') {
      last.body = { type: 'text', delta: last.body.delta + body.delta }
      last.lastEventId = id
    } else this.#pending.push({ lastEventId: id, body })
  }

  /** Writes what is pending, after what is being written. A failed write keeps its parts for the next one. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #write(): Promise<void> {
    const parts = this.#pending
    if (parts.length === 0) return
    this.#pending = []
    const { orgId } = this.#tenantDb.actor
    try {
      await this.#tenantDb.tx((tx) =>
        tx
          .insert(schema.runPart)
          .values(parts.map((part, i) => ({ orgId, ...this.#run, ordinal: this.#ordinal + i, ...storable(part) }))),
      )
      this.#ordinal += parts.length
    } catch (error) {
      this.#pending = [...parts, ...this.#pending]
      this.#onError(error)
    }
  }
}

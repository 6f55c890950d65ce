import { and, eq, sql } from 'drizzle-orm'
import type { FinishedStep, RunEvent, RunId, RunPartBody } from '@quarry/contracts'
import { schema, type TenantDb } from '@quarry/db'
import { storable } from './storable.ts'

interface Part {
  lastEventId: number
  body: RunPartBody
}

export interface RecordedRun {
  readonly runId: RunId
  readonly ownerId: string
  readonly attempt: number
}

export interface RecorderOptions {
  /** Of the first part; those before it are there. */
  readonly nextOrdinal: number
  readonly onError: (error: unknown) => void
  /** Called once, when a newer attempt writes or the run has ended: nothing more is stored. */
  readonly onLost: () => void
}

/** How much of an answer a crash may cost. A row every two seconds is no load. */
const FLUSH_INTERVAL_MS = 2000

/**
 * Keeps a run's events and finished steps in `run_part`, so that losing the process or the log loses two seconds at
 * most. Text between two other parts becomes one row.
 */
export class PartRecorder {
  readonly #tenantDb: TenantDb
  readonly #run: RecordedRun
  readonly #options: RecorderOptions
  #pending: Part[] = []
  #ordinal: number
  #lastEventId = 0
  #isLost = false
  #writing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(tenantDb: TenantDb, run: RecordedRun, options: RecorderOptions) {
    this.#tenantDb = tenantDb
    this.#run = run
    this.#options = options
    this.#ordinal = options.nextOrdinal
    this.#timer = setInterval(() => void this.flush(), FLUSH_INTERVAL_MS)
  }

  add({ id, attempt: _attempt, ...body }: RunEvent): void {
    this.#lastEventId = id
    const last = this.#pending.at(-1)
    if (body.type === 'text' && last?.body.type === 'text') {
      last.body = { type: 'text', delta: last.body.delta + body.delta }
      last.lastEventId = id
    } else this.#pending.push({ lastEventId: id, body })
  }

  /** After the events of the step. Begins to write at once. */
  addStep(step: FinishedStep): void {
    this.#pending.push({ lastEventId: this.#lastEventId, body: step })
    void this.flush()
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
    if (parts.length === 0 || this.#isLost) return
    this.#pending = []
    try {
      if (await this.#insert(parts)) this.#ordinal += parts.length
      else {
        this.#isLost = true
        this.#options.onLost()
      }
    } catch (error) {
      this.#pending = [...parts, ...this.#pending]
      this.#options.onError(error)
    }
  }

  /** False when this attempt is not the run's any more. */
  #insert(parts: readonly Part[]): Promise<boolean> {
    const { orgId } = this.#tenantDb.actor
    const { run, runPart } = schema
    return this.#tenantDb.tx(async (tx) => {
      // Who takes the run over waits for this, and then reads what it wrote.
      const [own] = await tx
        .select({ id: run.id })
        .from(run)
        .where(
          and(
            eq(run.orgId, orgId),
            eq(run.id, this.#run.runId),
            eq(run.attempt, this.#run.attempt),
            eq(run.state, 'running'),
          ),
        )
        .for('share')
      if (!own) return false
      await tx
        .insert(runPart)
        .values(parts.map((part, i) => ({ orgId, ...this.#run, ordinal: this.#ordinal + i, ...storable(part) })))
        // Those of a commit whose answer was lost; their last text may have grown since.
        .onConflictDoUpdate({
          target: [runPart.orgId, runPart.runId, runPart.ordinal],
          set: { body: sql`excluded.body`, lastEventId: sql`excluded.last_event_id` },
        })
      return true
    })
  }
}

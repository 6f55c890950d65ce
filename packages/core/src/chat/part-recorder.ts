import { sql } from 'drizzle-orm'
import type { FinishedStep, OrgId, RunEvent, RunPartBody } from '@quarry/contracts'
import { schema, type TenantDb, type TenantTx } from '@quarry/db'
import { isUnavailable } from '../unavailable.ts'
import { renewLease, type Lease } from './lease.ts'
import { storable } from './storable.ts'

interface Part {
  lastEventId: number
  body: RunPartBody
}

export interface RecordedRun extends Lease {
  readonly ownerId: string
}

export interface RecorderOptions {
  /** Of the first part; those before it are there. */
  readonly nextOrdinal: number
  readonly onError: (error: unknown) => void
  /** Called once, when the lease is lost or the run has ended: nothing more is stored. */
  readonly onLost: () => void
  /** Called with each heartbeat that finds that somebody has asked for a stop. */
  readonly onStopWanted: () => void
}

/**
 * The heartbeat, which takes with it what there is to store: how much of an answer a crash may cost, and how late a stop
 * is seen whose signal was lost.
 */
const HEARTBEAT_MS = 1500
/** What is read of a run that has ended: its text and citations stand in the message. */
const READ_AFTER_END: ReadonlySet<RunPartBody['type']> = new Set(['step', 'tool', 'reset'])

/**
 * Keeps the lease of a run while it is written, and its events and finished steps in `run_part`, so that losing the
 * process or the log loses two seconds at most. Text between two other parts becomes one row.
 */
export class PartRecorder {
  readonly #tenantDb: TenantDb
  readonly #run: RecordedRun
  readonly #options: RecorderOptions
  #pending: Part[] = []
  #ordinal: number
  #lastEventId = 0
  #isLost = false
  #isBeating = false
  #writing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(tenantDb: TenantDb, run: RecordedRun, options: RecorderOptions) {
    this.#tenantDb = tenantDb
    this.#run = run
    this.#options = options
    this.#ordinal = options.nextOrdinal
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT_MS)
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
    return this.#next(async () => {
      if (this.#pending.length > 0) await this.#write()
    })
  }

  /** Writes what is needed of a run whose text is about to stand in its message. The lease is kept on. */
  async settle(): Promise<void> {
    await this.#writing
    if (this.#pending.some(({ body }) => READ_AFTER_END.has(body.type))) await this.flush()
  }

  /** The run has ended: nothing more is written. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    await this.#writing
    this.#pending = []
  }

  /** Gives up the lease's keeping, and writes the rest. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(work)
    return this.#writing
  }

  async #beat(): Promise<void> {
    // A database that hangs is not asked once more for each beat.
    if (this.#isBeating) return
    this.#isBeating = true
    await this.#next(() => this.#write())
    this.#isBeating = false
  }

  async #write(): Promise<void> {
    if (this.#isLost) return
    const parts = this.#pending
    this.#pending = []
    try {
      await this.#store(parts)
    } catch (error) {
      this.#pending = [...parts, ...this.#pending]
      this.#options.onError(error)
      // Parts that are refused for themselves are no reason to lose the lease.
      if (parts.length > 0 && !isUnavailable(error)) await this.#store([]).catch(this.#options.onError)
    }
  }

  async #store(parts: readonly Part[]): Promise<void> {
    const { orgId } = this.#tenantDb.actor
    const held = await this.#tenantDb.tx(async (tx) => {
      const lease = await renewLease(tx, orgId, this.#run)
      if (lease !== null && parts.length > 0) await this.#insert(tx, orgId, parts)
      return lease
    })
    if (held === null) {
      this.#isLost = true
      this.#options.onLost()
      return
    }
    this.#ordinal += parts.length
    if (held.isStopWanted) this.#options.onStopWanted()
  }

  async #insert(tx: TenantTx, orgId: OrgId, parts: readonly Part[]): Promise<void> {
    const { runPart } = schema
    const { runId, ownerId, attempt } = this.#run
    await tx
      .insert(runPart)
      .values(
        parts.map((part, i) => ({
          ...{ orgId, runId, ownerId, attempt },
          ...{ ordinal: this.#ordinal + i, ...storable(part) },
        })),
      )
      // Those of a commit whose answer was lost; their last text may have grown since.
      .onConflictDoUpdate({
        target: [runPart.orgId, runPart.runId, runPart.ordinal],
        set: { body: sql`excluded.body`, lastEventId: sql`excluded.last_event_id` },
      })
  }
}

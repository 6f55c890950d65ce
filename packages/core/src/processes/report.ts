import { hostname } from 'node:os'
import { schema, type Database } from '@quarry/db'
import type { Logger, Metrics } from '@quarry/observability'
import { reduceToFigures } from './figures.ts'

/** Who a process is among those of its installation. */
export interface ReportingProcess {
  readonly kind: 'web' | 'worker'
  /** PROCESS_INDEX. */
  readonly index: number
}

interface ReportOptions {
  readonly database: Pick<Database, 'system'>
  readonly metrics: Pick<Metrics, 'readings'>
  readonly logger: Logger
  /** Another one after each start. */
  readonly processId: string
  readonly build: string
  /** From then on nothing is written. */
  readonly stopped: AbortSignal
  readonly everyMs?: number
}

/** As often as Prometheus asks by itself; who looks at the page sees what was a quarter of a minute ago. */
export const REPORT_MS = 15_000
/** Whoever waits longer for the database has better things to wait for, and so has everybody else. */
const WRITE_MS = 1_000
/** A database that is away is asked again this often at last. */
const MOST_MS = 300_000

/**
 * Writes what this process says of itself, at once and every 15 s: one statement, which gives way to everybody. Where it
 * cannot be written the pauses double, and the log says so once, until it can.
 */
export const startReporting = (who: ReportingProcess, options: ReportOptions): void => {
  const { database, metrics, logger, processId, build, stopped, everyMs = REPORT_MS } = options
  const itself = { process: processId, ...who, host: hostname(), build, startedAt: new Date(performance.timeOrigin) }
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  stopped.addEventListener('abort', () => clearTimeout(timer), { once: true })

  const write = async (): Promise<void> => {
    const figures = reduceToFigures(await metrics.readings(), who.kind)
    if (stopped.aborted) return
    await database.system((tx) => tx.insert(schema.processReport).values({ ...itself, figures }), {
      timeoutMs: WRITE_MS,
    })
    failures = 0
  }
  const report = async (): Promise<void> => {
    await write().catch((err: unknown) => {
      failures++
      if (failures === 1 && !stopped.aborted)
        logger.warn({ err }, 'what this process does could not be written for the page Operations; it is tried again')
    })
    if (stopped.aborted) return
    timer = setTimeout(() => void report(), Math.min(everyMs * 2 ** failures, Math.max(everyMs, MOST_MS)))
    // Nobody waits for a report.
    timer.unref()
  }
  void report()
}

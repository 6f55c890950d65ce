import { AppConfigError } from '@quarry/config'
import { createWorkerCore } from '@quarry/core/worker'
import { closeTracing, createLogger } from '@quarry/observability'
import { CLOCK_RUNNERS } from './cron.ts'
import { readWorkerEnv } from './env.ts'
import { lanesOf } from './lanes.ts'
import { handlersOf } from './tasks/index.ts'
import { startObserving } from './start-observing.ts'
import { startWatchdog } from './watchdog.ts'
import { startWorker } from './worker.ts'

/** What is wrong with a variable is said in its own words, and not as the end of a stack. */
const orRefuse = <T>(make: () => T): T => {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof AppConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

const env = orRefuse(readWorkerEnv)
const logger = createLogger({ name: 'worker', level: env.logLevel })
const concurrency = env.limits.parse.processes
const queueRunners = lanesOf(concurrency).length + CLOCK_RUNNERS
const core = orRefuse(() =>
  createWorkerCore({
    ...{ adapters: env.adapters, limits: env.limits, logger, queueRunners },
    reportsAs: env.observability.metrics && env.observability.process,
  }),
)
startWatchdog()
await startObserving(core, env.observability, logger)
const worker = startWorker({ core, handlers: handlersOf(core), logger, concurrency })

let stopping = false
const stop = async (reason: string) => {
  if (stopping) return
  stopping = true
  logger.info({ reason }, 'worker stops')
  await worker.stop()
  await closeTracing()
  process.exit(0)
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(signal))
// Whoever started this process is gone.
process.on('disconnect', () => void stop('parent gone'))

await worker.ready
logger.info({ concurrency, embedded: core.embedded }, 'worker takes jobs')
process.send?.({ type: 'ready' })

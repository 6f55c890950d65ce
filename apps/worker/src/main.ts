import { createWorkerCore } from '@quarry/core/worker'
import { createLogger } from '@quarry/observability'
import { readWorkerEnv } from './env.ts'
import { handlersOf } from './tasks/index.ts'
import { startWorker } from './worker.ts'

const env = readWorkerEnv()
const logger = createLogger({ name: 'worker', level: env.logLevel })
const core = createWorkerCore({ adapters: env.adapters, limits: env.limits, logger })
const worker = startWorker({ core, handlers: handlersOf(core), logger, concurrency: env.limits.parse.processes })

let stopping = false
const stop = async (reason: string) => {
  if (stopping) return
  stopping = true
  logger.info({ reason }, 'worker stops')
  await worker.stop()
  process.exit(0)
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(signal))
// Whoever started this process is gone.
process.on('disconnect', () => void stop('parent gone'))

await worker.ready
logger.info({ concurrency: env.limits.parse.processes, embedded: core.embedded }, 'worker takes jobs')
process.send?.({ type: 'ready' })

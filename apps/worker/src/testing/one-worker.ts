import { readAdapters, readLimits } from '@quarry/config'
import { createWorkerCore } from '@quarry/core/worker'
import type { TestDatabase } from '@quarry/db/testing'
import type { JobHandlers } from '@quarry/jobs'
import { createLogger } from '@quarry/observability'
import { lanesOf } from '../lanes.ts'
import { startWorker, type Worker } from '../worker.ts'

/** What a handler is where nobody asks for its job. */
export const IDLE: JobHandlers['document.embed'] = { run: () => Promise.resolve(), exhausted: () => Promise.resolve() }

/** A silent worker of this process, with one place. `folder` is its data folder. */
export const startOneWorker = (db: TestDatabase, folder: string, handlers: JobHandlers): Worker => {
  const logger = createLogger({ name: 'test', level: 'silent' })
  const adapters = { ...readAdapters({ QUARRY_DATA: folder }), database: db.adapter }
  const core = createWorkerCore({ adapters, limits: readLimits({}), logger, queueRunners: lanesOf(1).length })
  return startWorker({ core, handlers, logger, concurrency: 1 })
}

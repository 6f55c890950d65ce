import type { WorkerCore } from '@quarry/core/worker'
import type { JobHandlers } from '@quarry/jobs'
import { embedDocument } from './document/embed.ts'
import { processDocument } from './document/process.ts'

/** A job that is declared in @quarry/jobs and missing here does not compile. */
export const handlersOf = (core: WorkerCore): JobHandlers => ({
  'document.process': processDocument(core),
  'document.embed': embedDocument(core),
})

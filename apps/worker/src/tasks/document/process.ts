import type { WorkerCore } from '@quarry/core/worker'
import type { JobHandlers } from '@quarry/jobs'

export const processDocument = (core: WorkerCore): JobHandlers['document.process'] => ({
  run: ({ versionId }, { actor, signal, ...work }) => core.processDocument(actor, versionId, signal, work),
  exhausted: ({ versionId }, { actor, signal }, end) => core.abandonDocument(actor, versionId, signal, end),
})

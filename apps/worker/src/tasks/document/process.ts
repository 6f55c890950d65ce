import type { WorkerCore } from '@quarry/core/worker'
import type { JobHandlers } from '@quarry/jobs'

export const processDocument = (core: WorkerCore): JobHandlers['document.process'] => ({
  run: ({ versionId }, { actor, signal }) => core.processDocument(actor, versionId, signal),
  exhausted: ({ versionId }, { actor, signal }) => core.abandonDocument(actor, versionId, signal),
})

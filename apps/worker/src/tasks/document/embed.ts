import type { WorkerCore } from '@quarry/core/worker'
import type { JobHandlers } from '@quarry/jobs'

export const embedDocument = (core: WorkerCore): JobHandlers['document.embed'] => ({
  run: ({ versionId }, { actor, signal }) => core.embedDocument(actor, versionId, signal),
  exhausted: ({ versionId }, { actor }, end) => core.abandonEmbedding(actor, versionId, end),
})

import type { WorkerCore } from '@quarry/core/worker'
import type { Logger } from '@quarry/observability'

/**
 * Puts versions back into the queue that wait to be read and have no job: somebody deleted it, or it came from a backup
 * that was made in between. Nothing in the product loses one; a file that waits for ever would be the price if it did.
 */
export async function requeueStranded(core: WorkerCore, logger: Logger): Promise<void> {
  const stranded = await core.untouchedVersions()
  await core.requeueVersions(stranded)
  if (stranded.length > 0)
    logger.warn({ versions: stranded.length }, 'files without a job were put back into the queue')
}

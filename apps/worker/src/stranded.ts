import type { Pool } from 'pg'
import type { WorkerCore } from '@quarry/core/worker'
import { documentProcess } from '@quarry/jobs'
import type { Logger } from '@quarry/observability'

/**
 * Puts versions back into the queue that wait to be read and have no job: somebody deleted it, or it came from a backup
 * that was made in between. Nothing in the product loses one; a file that waits for ever would be the price if it did.
 */
export async function requeueStranded(queue: Pool, core: WorkerCore, logger: Logger): Promise<void> {
  const untouched = await core.untouchedVersions()
  if (untouched.length === 0) return
  const { rows } = await queue.query<{ id: string }>(
    `select payload ->> 'versionId' as id from graphile_worker._private_jobs j
     join graphile_worker._private_tasks t on t.id = j.task_id
     where t.identifier = $1 and (attempts < max_attempts or locked_at is not null) and payload ->> 'versionId' = any ($2::text[])`,
    [documentProcess.name, untouched.map(({ versionId }) => versionId)],
  )
  const queued = new Set(rows.map(({ id }) => id))
  const stranded = untouched.filter(({ versionId }) => !queued.has(versionId))
  await core.requeueVersions(stranded)
  if (stranded.length > 0)
    logger.warn({ versions: stranded.length }, 'files without a job were put back into the queue')
}

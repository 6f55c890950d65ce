import type { OrgId } from '@quarry/contracts'
import type { Database } from '@quarry/db'
import { systemActor } from '../accounts/system-actor.ts'
import { retryHeld } from './change.ts'
import { holdCancelledSince, oneOfEach } from './held-jobs.ts'

/** Rows of one transaction: a tenth of a second, which is what others may wait for. */
const TOGETHER = 100
/** Of one call, which is to be answered within seconds; the others can be tried again by hand. */
const MOST = 2000

/** Puts jobs in line again that were cancelled since a moment. Returns how many. */
export const retryCancelledSince = async (database: Database, orgId: OrgId, since: Date): Promise<number> => {
  let retried = 0
  while (retried < MOST) {
    const length = await database.tenant(systemActor(orgId)).tx(async (tx) => {
      const jobs = await holdCancelledSince(tx, orgId, since, TOGETHER)
      return (await retryHeld(tx, orgId, oneOfEach(jobs))).length
    })
    retried += length
    if (length === 0) break
  }
  return retried
}

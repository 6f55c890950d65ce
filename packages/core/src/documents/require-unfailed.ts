import { FAILURES, failureCode, type VersionId } from '@quarry/contracts'
import { schema, type TenantDb } from '@quarry/db'
import { JobFailure } from '@quarry/jobs'
import { and, eq } from 'drizzle-orm'

const { documentVersion } = schema

/** @throws JobFailure with its reason, when a version has failed: the job that was to read it has, too. */
export const requireUnfailed = async (tenantDb: TenantDb, versionId: VersionId): Promise<void> => {
  const [row] = await tenantDb.tx((tx) =>
    tx
      .select({ state: documentVersion.state, code: documentVersion.errorCode })
      .from(documentVersion)
      .where(and(eq(documentVersion.orgId, tenantDb.actor.orgId), eq(documentVersion.id, versionId))),
  )
  if (row?.state !== 'failed') return
  const code = failureCode.safeParse(row.code)
  if (code.success) throw new JobFailure(code.data, FAILURES[code.data].message)
}

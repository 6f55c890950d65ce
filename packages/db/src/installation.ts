import { and, eq, sql } from 'drizzle-orm'
import { featureFlag, organisationLimit, WHOLE_INSTALLATION } from './schema/index.ts'
import type { SystemTx } from './tenant.ts'

/** When something was set, and by which of the machine's users; null where nobody said. */
export interface Made {
  readonly updatedAt: Date
  readonly updatedBy: string | null
}

/** A switch of the operator. `orgId` null: for the whole installation. */
export interface FlagSetting {
  readonly name: string
  readonly orgId: string | null
  readonly enabled: boolean
  /** Share of the organisations that it is on for, 0 to 100; of an organisation's own switch always 100. */
  readonly percentage: number
}

/** Limits of one organisation; null: as configured. */
export interface LimitSetting {
  readonly orgId: string
  readonly perMinute: number | null
  readonly perHour: number | null
  readonly runsPerUser: number | null
  readonly runsPerOrganisation: number | null
}

export interface InstallationSettings {
  readonly flags: readonly (FlagSetting & Made)[]
  readonly limits: readonly (LimitSetting & Made)[]
}

/** Everything that the operator has switched and limited, in one order. */
export const readInstallation = async (tx: SystemTx): Promise<InstallationSettings> => {
  const flags = await tx
    .select({
      name: featureFlag.name,
      subjectId: featureFlag.subjectId,
      enabled: featureFlag.enabled,
      percentage: featureFlag.percentage,
      updatedAt: featureFlag.updatedAt,
      updatedBy: featureFlag.updatedBy,
    })
    .from(featureFlag)
    .orderBy(featureFlag.name, featureFlag.subjectId)
  const limits = await tx
    .select({
      orgId: organisationLimit.subjectId,
      perMinute: organisationLimit.perMinute,
      perHour: organisationLimit.perHour,
      runsPerUser: organisationLimit.runsPerUser,
      runsPerOrganisation: organisationLimit.runsPerOrganisation,
      updatedAt: organisationLimit.updatedAt,
      updatedBy: organisationLimit.updatedBy,
    })
    .from(organisationLimit)
    .orderBy(organisationLimit.subjectId)
  return {
    flags: flags.map(({ subjectId, ...flag }) => ({
      ...flag,
      orgId: subjectId === WHOLE_INSTALLATION ? null : subjectId,
    })),
    limits,
  }
}

export const writeFlag = async (
  tx: SystemTx,
  { orgId, ...setting }: FlagSetting & { readonly updatedBy?: string | null },
): Promise<void> => {
  const { enabled, percentage, updatedBy = null } = setting
  await tx
    .insert(featureFlag)
    .values({ ...setting, subjectId: orgId ?? WHOLE_INSTALLATION })
    .onConflictDoUpdate({
      target: [featureFlag.name, featureFlag.subjectId],
      set: { enabled, percentage, updatedAt: sql`now()`, updatedBy },
    })
}

/** Takes a switch away: what is wider counts again. False when there was none. */
export const deleteFlag = async (tx: SystemTx, name: string, orgId: string | null): Promise<boolean> => {
  const gone = await tx
    .delete(featureFlag)
    .where(and(eq(featureFlag.name, name), eq(featureFlag.subjectId, orgId ?? WHOLE_INSTALLATION)))
    .returning({ name: featureFlag.name })
  return gone.length > 0
}

/** Sets the limits that are given, and leaves the others as they are. */
export const writeLimits = async (
  tx: SystemTx,
  {
    orgId,
    updatedBy = null,
    ...limits
  }: Pick<LimitSetting, 'orgId'> & Partial<Omit<LimitSetting, 'orgId'>> & { readonly updatedBy?: string | null },
): Promise<void> => {
  await tx
    .insert(organisationLimit)
    .values({ ...limits, subjectId: orgId, updatedBy })
    .onConflictDoUpdate({ target: organisationLimit.subjectId, set: { ...limits, updatedAt: sql`now()`, updatedBy } })
}

/** An organisation's limits are the configured ones again. False when they were. */
export const deleteLimits = async (tx: SystemTx, orgId: string): Promise<boolean> => {
  const gone = await tx
    .delete(organisationLimit)
    .where(eq(organisationLimit.subjectId, orgId))
    .returning({ orgId: organisationLimit.subjectId })
  return gone.length > 0
}

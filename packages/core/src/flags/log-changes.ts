import type { InstallationSettings } from '@quarry/db'
import type { Logger } from '@quarry/observability'

/**
 * Says in the log what the operator has switched or limited, with who and when, since the read before. It is in no
 * organisation's audit: no organisation does it.
 */
export const logChanges = (logger: Logger, now: InstallationSettings, before: InstallationSettings | null): void => {
  const old = { flags: byKey(before?.flags ?? [], flagKey), limits: byKey(before?.limits ?? [], limitKey) }
  for (const { name, orgId, enabled, percentage, updatedAt, updatedBy } of now.flags) {
    if (same(old.flags.get(flagKey({ name, orgId })), { updatedAt })) continue
    logger.info({ flag: name, orgId, enabled, percentage, by: updatedBy, at: updatedAt }, 'a flag is switched')
  }
  for (const { updatedAt, updatedBy, ...limits } of now.limits) {
    if (same(old.limits.get(limits.orgId), { updatedAt })) continue
    logger.info({ ...limits, by: updatedBy, at: updatedAt }, 'an organisation has limits of its own')
  }
  const kept = { flags: byKey(now.flags, flagKey), limits: byKey(now.limits, limitKey) }
  for (const [key, { name, orgId }] of old.flags)
    if (!kept.flags.has(key)) logger.info({ flag: name, orgId }, 'a flag is no longer switched')
  for (const orgId of old.limits.keys())
    if (!kept.limits.has(orgId)) logger.info({ orgId }, 'an organisation has the configured limits again')
}

const flagKey = ({ name, orgId }: { name: string; orgId: string | null }): string => `${name} ${orgId ?? ''}`
const limitKey = ({ orgId }: { orgId: string }): string => orgId
const byKey = <T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T> =>
  new Map(rows.map((row) => [keyOf(row), row]))
const same = (before: { updatedAt: Date } | undefined, now: { updatedAt: Date }): boolean =>
  before?.updatedAt.getTime() === now.updatedAt.getTime()

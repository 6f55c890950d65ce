import type { Actor } from '@quarry/contracts'
import type { Organisation } from './scene.ts'
import type { TenantTable } from './tenant-tables.ts'

/**
 * Which rows a caller may see and write, said a second time and independently of the policies: as SQL for a superuser,
 * from the columns of the table. A new table with nothing but `org_id` is everybody's in the organisation.
 */
export const maySee = (table: TenantTable, actor: Actor, organisation: Organisation): string =>
  [inOrganisation(actor), ...ruleOf(table, actor, organisation)].join(' and ')

export const mayWrite = (table: TenantTable, actor: Actor, organisation: Organisation): string => {
  if (table.name === 'audit_event' || table.name === 'usage_event') return inOrganisation(actor)
  if (table.name === 'usage_day') return 'false'
  if (table.name === 'collection_grant') return `${inOrganisation(actor)} and ${isManager(actor)}`
  return maySee(table, actor, organisation)
}

/** Which rows a sweep over all organisations may see, and delete where it may delete any. */
export const maySweep = ({ name }: TenantTable): string =>
  name === 'audit_event' ? 'org_id in (select subject_id from organisation_deletion)' : 'true'

const inOrganisation = (actor: Actor): string => `org_id = '${actor.orgId}'`
const isManager = (actor: Actor): boolean => actor.role === 'owner' || actor.role === 'admin'

const ruleOf = (table: TenantTable, actor: Actor, organisation: Organisation): string[] => {
  if (['audit_event', 'usage_event', 'usage_day'].includes(table.name)) return [String(isManager(actor))]
  if (table.name === 'idempotency_key') return [`(${actor.kind === 'system'} or actor_id = ${idOf(actor)})`]
  if (table.name === 'collection_grant')
    return [`(${isManager(actor)} or (grantee_kind = '${actor.kind}' and grantee_id = ${idOf(actor)}))`]
  if (table.columns.includes('owner_id')) return [`(${actor.kind === 'system'} or owner_id = ${idOf(actor)})`]
  if (table.name === 'collection') return [visible('id', actor, organisation)]
  return table.columns.includes('collection_id') ? [visible('collection_id', actor, organisation)] : []
}

const visible = (column: string, actor: Actor, { open, restricted, granted }: Organisation): string => {
  const ids = isManager(actor) || granted.some((one) => one.id === actor.id) ? [open, restricted] : [open]
  return `${column} in (${ids.map((id) => `'${id}'`).join(', ')})`
}

const idOf = (actor: Actor): string => (actor.id === null ? 'null' : `'${actor.id}'`)

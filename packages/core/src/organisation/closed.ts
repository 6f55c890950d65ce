import { asc, eq, sql } from 'drizzle-orm'
import { orgId as orgIdSchema, role as roleSchema, type ClosedWorkspaces } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import type { PersonContext } from '../context.ts'

const { member, organization, session } = authSchema

/** The workspaces of a person: those that are closed, and those where they can go on. */
export const listClosedWorkspaces = async ({ deps, person }: PersonContext): Promise<ClosedWorkspaces> => {
  const rows = await deps.database.auth
    .select({
      id: organization.id,
      name: organization.name,
      role: member.role,
      deleteAt: organization.deleteAt,
      inTime: sql<boolean>`${organization.deleteAt} > now()`,
      current: sql<boolean>`exists (select from ${session} where ${session.id} = ${person.sessionId}
        and ${session.activeOrganizationId} = ${organization.id}::text)`,
    })
    .from(member)
    .innerJoin(organization, eq(organization.id, member.organizationId))
    .where(eq(member.userId, person.userId))
    .orderBy(asc(member.createdAt), asc(member.id))
  return {
    closed: rows.flatMap(({ id, name, role, deleteAt, inTime, current }) =>
      deleteAt === null
        ? []
        : [
            {
              id: orgIdSchema.parse(id),
              name,
              role: roleSchema.parse(role),
              deleteAt: deleteAt.toISOString(),
              mayRestore: role === 'owner' && inTime,
              current,
            },
          ],
    ),
    open: rows.flatMap(({ id, name, deleteAt }) => (deleteAt === null ? [{ id: orgIdSchema.parse(id), name }] : [])),
  }
}

import { and, eq, inArray } from 'drizzle-orm'
import type { AuditEvent } from '@quarry/contracts'
import { authSchema, schema } from '@quarry/db'
import { z } from 'zod'
import type { VerbContext } from '../context.ts'

interface Row {
  readonly actorKind: string
  readonly actorId: string | null
  readonly subjectKind: string
  readonly subjectId: string
  readonly details: Record<string, unknown>
}

interface Named {
  readonly name: string | null
  readonly email: string | null
}

const NOBODY: Named = { name: null, email: null }
const actorKind = z.enum(['user', 'api_key', 'system'])
const uuid = z.uuid()
/** What an event itself says of a subject that may be gone by now; an invitation is named by its address. */
const said = z.object({ name: z.string().optional(), path: z.string().optional(), email: z.string().optional() })

/**
 * Names for a page of events: of each kind one look-up. Conversations have none here: their titles are their owners'
 * words.
 */
export const readNames = async ({ actor, deps }: VerbContext, rows: readonly Row[]) => {
  const { orgId } = actor
  const { apikey, organization, user } = authSchema
  const { collection, document } = schema
  const idsOf = (kind: string) => {
    const subjects = rows.flatMap((row) => (row.subjectKind === kind ? [row.subjectId] : []))
    const actors = rows.flatMap((row) => (row.actorKind === kind && row.actorId !== null ? [row.actorId] : []))
    return [...new Set([...subjects, ...actors])].filter((id) => uuid.safeParse(id).success)
  }
  const { auth } = deps.database
  const named = new Map<string, Named>()
  const add = (found: readonly { id: string; name: string | null; email?: string }[]) => {
    for (const { id, name, email } of found) named.set(id, { name, email: email ?? null })
  }
  const [people, keys] = [idsOf('user'), idsOf('api_key')]
  if (people.length > 0)
    add(
      await auth.select({ id: user.id, name: user.name, email: user.email }).from(user).where(inArray(user.id, people)),
    )
  if (keys.length > 0)
    add(
      await auth
        .select({ id: apikey.id, name: apikey.name })
        .from(apikey)
        .where(and(eq(apikey.referenceId, orgId), inArray(apikey.id, keys))),
    )
  if (idsOf('organisation').includes(orgId))
    add(
      await auth
        .select({ id: organization.id, name: organization.name })
        .from(organization)
        .where(eq(organization.id, orgId)),
    )
  const [collections, documents] = [idsOf('collection'), idsOf('document')]
  await deps.database.tenant(actor).tx(async (tx) => {
    if (collections.length > 0)
      add(
        await tx
          .select({ id: collection.id, name: collection.name })
          .from(collection)
          .where(and(eq(collection.orgId, orgId), inArray(collection.id, collections))),
      )
    if (documents.length > 0)
      add(
        await tx
          .select({ id: document.id, name: document.sourcePath })
          .from(document)
          .where(and(eq(document.orgId, orgId), inArray(document.id, documents))),
      )
  })
  return {
    kindOf: (kind: string): AuditEvent['actor']['kind'] => actorKind.catch('system').parse(kind),
    actor: ({ actorId }: Row): Named => named.get(actorId ?? '') ?? NOBODY,
    subject: ({ subjectId, details }: Row): string | null => {
      const { name, path, email } = said.safeParse(details).data ?? {}
      return named.get(subjectId)?.name ?? name ?? path ?? email ?? null
    },
  }
}

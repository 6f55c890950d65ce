import { and, count, eq } from 'drizzle-orm'
import { mediaType, type MediaType, type searchFacets } from '@quarry/contracts'
import { schema } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'

type Facets = z.infer<typeof searchFacets>

/** Kinds and languages of the documents that the actor can search, with how many there are of each, most first. */
export const searchFacetsOf = async (ctx: VerbContext): Promise<Facets> => {
  authorise(ctx, 'search.use')
  const { document, documentVersion } = schema
  // Kinds by languages are at most a few hundred rows, so that one statement serves both lists.
  const rows = await ctx.deps.database.tenant(ctx.actor).tx((tx) =>
    tx
      .select({ mediaType: documentVersion.mediaType, language: documentVersion.language, documents: count() })
      .from(document)
      .innerJoin(
        documentVersion,
        and(eq(documentVersion.orgId, document.orgId), eq(documentVersion.id, document.liveVersionId)),
      )
      .where(and(eq(document.orgId, ctx.actor.orgId), eq(documentVersion.state, 'searchable')))
      .groupBy(documentVersion.mediaType, documentVersion.language),
  )
  const mediaTypes = new Map<MediaType, number>()
  const languages = new Map<string, number>()
  for (const row of rows) {
    // A type that a newer release wrote is no filter of this one.
    const type = mediaType.safeParse(row.mediaType)
    if (type.success) mediaTypes.set(type.data, (mediaTypes.get(type.data) ?? 0) + row.documents)
    if (row.language !== null) languages.set(row.language, (languages.get(row.language) ?? 0) + row.documents)
  }
  return { mediaTypes: mostFirst(mediaTypes), languages: mostFirst(languages) }
}

const mostFirst = <T extends string>(counts: ReadonlyMap<T, number>): { value: T; documents: number }[] =>
  [...counts]
    .map(([value, documents]) => ({ value, documents }))
    .toSorted((a, b) => b.documents - a.documents || (a.value < b.value ? -1 : 1))

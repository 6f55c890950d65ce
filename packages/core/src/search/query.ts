import type { SearchInput, searchOutput } from '@quarry/contracts'
import { retrieve } from '@quarry/rag/answering'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import { requireScope, scopeOf } from '../access/require-scope.ts'
import type { VerbContext } from '../context.ts'
import { embedderOf } from '../flags/embedder-of.ts'

/** The best passages for a query among what the actor may see. */
export const querySearch = async (ctx: VerbContext, input: SearchInput): Promise<z.infer<typeof searchOutput>> => {
  authorise(ctx, 'search.use')
  const startedAt = performance.now()
  const tenantDb = ctx.deps.database.tenant(ctx.actor)
  const scope = scopeOf(input)
  if (scope.collectionIds || scope.documentIds) await tenantDb.tx((tx) => requireScope(ctx, tx, scope))
  const hits = await retrieve(tenantDb, input, {
    perDocument: input.perDocument ?? false,
    embedder: await embedderOf(ctx.deps, ctx.actor.orgId),
    onWordsAlone: () => ctx.doNotKeep?.(),
  })
  return { hits: [...hits], tookMs: Math.round((performance.now() - startedAt) * 10) / 10 }
}

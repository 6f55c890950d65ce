import {
  completeInput,
  completeOutput,
  createManyInput,
  createManyOutput,
  deleteDocumentInput,
  documentPageInput,
  documentPlace,
  documentPlacesInput,
  documentVersionInput,
  getDocumentInput,
  listDocumentsInput,
  retryDocumentInput,
} from '@quarry/contracts'
import {
  completeDocument,
  createManyDocuments,
  deleteDocument,
  getDocument,
  getPage,
  getVersion,
  listDocuments,
  placeDocuments,
  retryDocument,
} from '@quarry/core'
import { z } from 'zod'
import type { CachePolicy } from '../cache-policy.ts'
import { COSTS } from '../limits/costs.ts'
import { procedure, router } from '../trpc.ts'

/** Of all who see the same collections; until a document, or who sees what, changes. */
const KEPT = { ttl: 'lists', scope: 'visibility', tags: ['permission', 'documents'] } as const satisfies CachePolicy

export const documentsRouter = router({
  list: procedure('documents.read')
    .meta({ statements: 2, cache: KEPT })
    .input(listDocumentsInput)
    .query(({ ctx, input }) => listDocuments(ctx.verb, input)),
  get: procedure('documents.read')
    .meta({ statements: 2, cost: COSTS.look, cache: KEPT })
    .input(getDocumentInput)
    .query(({ ctx, input }) => getDocument(ctx.verb, input)),
  places: procedure('documents.read')
    .meta({ statements: 4, cost: COSTS.look })
    .input(documentPlacesInput)
    .output(z.array(documentPlace))
    .query(({ ctx, input }) => placeDocuments(ctx.verb, input)),
  createMany: procedure('documents.write')
    .meta({ statements: 7 })
    .input(createManyInput)
    .output(createManyOutput)
    .mutation(({ ctx, input }) => createManyDocuments(ctx.verb, input)),
  complete: procedure('documents.write')
    .meta({ statements: 16, cost: COSTS.arrival })
    .input(completeInput)
    .output(completeOutput)
    .mutation(({ ctx, input }) => completeDocument(ctx.verb, input)),
  retry: procedure('documents.write')
    .meta({ statements: 7 })
    .input(retryDocumentInput)
    .mutation(({ ctx, input }) => retryDocument(ctx.verb, input)),
  delete: procedure('documents.write')
    .meta({ statements: 28 })
    .input(deleteDocumentInput)
    .mutation(({ ctx, input }) => deleteDocument(ctx.verb, input)),
  version: procedure('documents.read')
    .meta({ statements: 4 })
    .input(documentVersionInput)
    .query(({ ctx, input }) => getVersion(ctx.verb, input)),
  page: procedure('documents.read')
    .meta({ statements: 2 })
    .input(documentPageInput)
    .query(({ ctx, input }) => getPage(ctx.verb, input)),
})

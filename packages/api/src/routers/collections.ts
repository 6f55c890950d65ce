import { collection, createCollectionInput, deleteCollectionInput } from '@quarry/contracts'
import { createCollection, deleteCollection, listCollections } from '@quarry/core'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'

export const collectionsRouter = router({
  list: procedure('collections.read')
    .output(z.array(collection))
    .query(({ ctx }) => listCollections(ctx.verb)),
  create: procedure('collections.manage')
    .input(createCollectionInput)
    .output(collection)
    .mutation(({ ctx, input }) => createCollection(ctx.verb, input)),
  delete: procedure('collections.manage')
    .input(deleteCollectionInput)
    .mutation(({ ctx, input }) => deleteCollection(ctx.verb, input)),
})

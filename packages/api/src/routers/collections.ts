import {
  collection,
  collectionAccess,
  collectionAccessInput,
  createCollectionInput,
  deleteCollectionInput,
  grantInput,
  updateCollectionInput,
} from '@quarry/contracts'
import {
  createCollection,
  deleteCollection,
  grantCollection,
  listCollections,
  readCollectionAccess,
  revokeGrant,
  updateCollection,
} from '@quarry/core'
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
  update: procedure('collections.manage')
    .input(updateCollectionInput)
    .output(collection)
    .mutation(({ ctx, input }) => updateCollection(ctx.verb, input)),
  delete: procedure('collections.manage')
    .input(deleteCollectionInput)
    .mutation(({ ctx, input }) => deleteCollection(ctx.verb, input)),
  /** Who can see it, and why. */
  access: procedure('collections.manage')
    .input(collectionAccessInput)
    .output(collectionAccess)
    .query(({ ctx, input }) => readCollectionAccess(ctx.verb, input)),
  grant: procedure('collections.manage')
    .input(grantInput)
    .mutation(({ ctx, input }) => grantCollection(ctx.verb, input)),
  revokeGrant: procedure('collections.manage')
    .input(grantInput)
    .mutation(({ ctx, input }) => revokeGrant(ctx.verb, input)),
})

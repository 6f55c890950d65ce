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
  // With the number of documents in each.
  list: procedure('collections.read')
    .meta({ statements: 2, cache: { ttl: 'lists', scope: 'visibility', tags: ['permission', 'documents'] } })
    .output(z.array(collection))
    .query(({ ctx }) => listCollections(ctx.verb)),
  create: procedure('collections.manage')
    .meta({ statements: 5 })
    .input(createCollectionInput)
    .output(collection)
    .mutation(({ ctx, input }) => createCollection(ctx.verb, input)),
  update: procedure('collections.manage')
    .meta({ statements: 12 })
    .input(updateCollectionInput)
    .output(collection)
    .mutation(({ ctx, input }) => updateCollection(ctx.verb, input)),
  /** For each fifty documents in it. */
  delete: procedure('collections.manage')
    .meta({ statements: 42 })
    .input(deleteCollectionInput)
    .mutation(({ ctx, input }) => deleteCollection(ctx.verb, input)),
  /** Who can see it, and why. */
  access: procedure('collections.manage')
    .meta({ statements: 7 })
    .input(collectionAccessInput)
    .output(collectionAccess)
    .query(({ ctx, input }) => readCollectionAccess(ctx.verb, input)),
  grant: procedure('collections.manage')
    .meta({ statements: 10 })
    .input(grantInput)
    .mutation(({ ctx, input }) => grantCollection(ctx.verb, input)),
  revokeGrant: procedure('collections.manage')
    .meta({ statements: 14 })
    .input(grantInput)
    .mutation(({ ctx, input }) => revokeGrant(ctx.verb, input)),
})

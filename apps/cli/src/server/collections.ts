import type { Collection } from '@quarry/contracts'
import { CommandFailure } from '../failure.ts'
import type { Connection } from './connection.ts'
import { appErrorOf, isTransient } from './errors.ts'
import { withRetry } from './retry.ts'

/** Every collection that the key may see. */
export const listCollections = async ({ api }: Connection): Promise<readonly Collection[]> =>
  api.collections.list.query()

/** The collection of that name (upper and lower case count); CommandFailure names those that exist. */
export const requireCollection = async (connection: Connection, name: string): Promise<Collection> => {
  const collections = await listCollections(connection)
  const found = collections.find((collection) => collection.name === name)
  if (found !== undefined) return found
  const known = collections.map((collection) => collection.name).join(', ')
  throw new CommandFailure(
    `There is no collection named “${name}”. ${known === '' ? 'There is none yet.' : `There are: ${known}.`}`,
  )
}

/** The collection of that name, made when it does not exist yet. */
export const ensureCollection = async (connection: Connection, name: string): Promise<Collection> => {
  const collections = await listCollections(connection)
  return (
    collections.find((collection) => collection.name === name) ??
    (await connection.api.collections.create.mutate({ name }))
  )
}

/** Where documents go when no collection is named. */
export const DEFAULT_COLLECTION = 'Documents'

/**
 * Deletes a collection. A large one may take longer than a call: then the next call goes on where the last one was cut
 * off, as long as documents disappear.
 */
export const removeCollection = async (connection: Connection, id: Collection['id']): Promise<void> => {
  for (let left = Number.POSITIVE_INFINITY; ;) {
    try {
      await connection.api.collections.delete.mutate({ id })
      return
    } catch (error) {
      // The reply to the call that finished the job may be the one that got lost.
      if (appErrorOf(error)?.code === 'not_found') return
      if (connection.signal.aborted || !isTransient(error)) throw error
      const collections = await withRetry(() => listCollections(connection), connection.signal)
      const remaining = collections.find((collection) => collection.id === id)?.documents
      if (remaining === undefined) return
      if (remaining >= left) throw error
      left = remaining
    }
  }
}

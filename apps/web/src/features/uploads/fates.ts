import type { DocumentId } from '@quarry/contracts'
import type { ApiClient } from '../../trpc/client.ts'
import type { Fate } from './upload-batches.ts'

const FATES: Partial<Record<string, Fate>> = { succeeded: 'searchable', failed: 'failed', cancelled: 'failed' }

/** What has become of these files, of those that are done. One that is not answered for is gone, or not theirs to see. */
export const readFates = async (client: ApiClient, asked: readonly DocumentId[]): Promise<Map<DocumentId, Fate>> => {
  const places = await client.documents.places.query({ ids: [...asked] })
  const stateOf = new Map(places.map(({ documentId, state }) => [documentId, state]))
  return new Map(
    asked.flatMap((id): [DocumentId, Fate][] => {
      const fate = stateOf.has(id) ? FATES[stateOf.get(id) ?? ''] : 'gone'
      return fate === undefined ? [] : [[id, fate]]
    }),
  )
}

import type { OrgId } from '@quarry/contracts'
import type { QueryEmbedder } from '@quarry/rag/answering'
import type { CoreDeps } from '../context.ts'

/** What search by meaning goes by for an organisation; null: by words alone. */
export const embedderOf = async ({ embedder, flags }: CoreDeps, orgId: OrgId): Promise<QueryEmbedder | null> =>
  embedder !== null && (await flags.isOn('search.semantic', orgId)) ? embedder : null

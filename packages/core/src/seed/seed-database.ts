import { randomBytes } from 'node:crypto'
import type { BlobStore } from '@quarry/blobs'
import type { DatabaseAdapter } from '@quarry/config'
import type { Actor, CollectionId, OrgId } from '@quarry/contracts'
import { authSchema, ensureEmbeddingIndex, openDatabase, refreshStatistics } from '@quarry/db'
import { createRandom, SEED_EMBEDDING } from '@quarry/rag/seed'
import { passwordHash } from './password.ts'
import { seedConversations } from './seed-conversations.ts'
import { seedCollections, seedDocuments } from './seed-documents.ts'
import { seedPeople, type SeededPerson } from './seed-people.ts'
import { TransferRefusal } from '../transfer/refusal.ts'
import { organisationSizes, shareOut, sum } from './sizes.ts'

export interface SeedOptions {
  readonly organisations: number
  readonly documents: number
  readonly chunks: number
  /** The same number, the same rows; another one beside it, other rows. */
  readonly seed: number
  /** Into a database that has accounts already. */
  readonly add?: boolean
  /** Passages of the largest organisation. Left out: as Zipf's law says, about a fifth. */
  readonly mostPerOrganisation?: number
  /** Everybody's. Left out: a random one. */
  readonly password?: string
  /** Where the documents' files go; left out: they have none. */
  readonly blobs?: BlobStore
  readonly signal?: AbortSignal
  readonly watch?: (what: SeedStep, done: number, total: number) => void
}
export type SeedStep = 'passages' | 'statistics' | 'index'

export interface SeededTenant {
  readonly orgId: OrgId
  readonly name: string
  readonly chunks: number
  readonly documents: number
  readonly people: readonly SeededPerson[]
  readonly collections: readonly { readonly id: CollectionId; readonly restricted: boolean }[]
}

export interface SeedReport {
  /** The largest first. */
  readonly organisations: readonly SeededTenant[]
  readonly people: number
  readonly documents: number
  readonly chunks: number
  readonly conversations: number
  readonly messages: number
  readonly password: string
  /** Of the passages' vectors. */
  readonly model: string
  readonly seconds: { readonly rows: number; readonly statistics: number; readonly index: number }
}

/** All dates are counted from here, so that they are the same in every run. */
const BEGIN = Date.UTC(2026, 0, 5, 8)
/** The machine's other core reads what this one writes. The embedded database has one session. */
const LANES = { postgres: 3, embedded: 1 } as const

/**
 * Fills a migrated database with organisations, people, documents with passages, postings and vectors, and conversations:
 * consistent with what sign-ups and ingestion would leave behind, deterministic but for the password and its hash, and of
 * very uneven sizes. Nothing of it is real. Ends with fresh statistics and (PostgreSQL) the vectors' index.
 *
 * @throws TransferRefusal for a database with accounts, unless `add`; the signal's reason.
 */
export async function seedDatabase(adapter: DatabaseAdapter, options: SeedOptions): Promise<SeedReport> {
  const { organisations, chunks, documents, seed, signal = new AbortController().signal } = options
  const { blobs = null, watch = () => {}, password = randomBytes(12).toString('base64url') } = options
  if (documents < organisations || chunks < documents)
    throw new TransferRefusal('Each organisation needs a document, and each document a passage: give larger numbers.')
  const lanes = LANES[adapter.kind]
  const database = openDatabase(adapter, { applicationName: 'quarry seed', pool: { max: lanes } })
  const started = performance.now()
  try {
    if (options.add !== true && (await hasAccounts(database)))
      throw new TransferRefusal('This database has accounts. Add --add to put the made-up organisations beside them.')
    const sizes = organisationSizes(organisations, chunks, options.mostPerOrganisation ?? chunks)
    const documentCounts = shareOut(documents, sizes).map((count, i) => Math.min(count, sizes[i] ?? 1))
    const hash = await passwordHash(password, randomBytes(16).toString('hex'))
    const made: SeededTenant[] = []
    let [done, conversations, messages] = [0, 0, 0]
    for (const [index, size] of sizes.entries()) {
      const random = createRandom(`seed ${seed} organisation ${index}`)
      const organisation = await seedPeople(database, random, { chunks: size, at: BEGIN, hash })
      const { orgId, people } = organisation
      const actor: Actor = { kind: 'system', id: null, orgId, role: 'owner' }
      const tenantDb = database.tenant(actor)
      const collections = await seedCollections(tenantDb, random, people, BEGIN)
      const own = { chunks: size, documents: documentCounts[index] ?? 1 }
      const written = (count: number) => watch('passages', (done += count), chunks)
      const plan = { ...own, at: BEGIN, lanes, blobs, signal, written }
      const sources = await seedDocuments(tenantDb, random, collections, people, plan)
      const talk = await seedConversations(tenantDb, random, people, sources, BEGIN)
      conversations += talk.conversations
      messages += talk.messages
      made.push({ ...organisation, ...own, collections })
    }
    const rowsAt = performance.now()
    watch('statistics', 0, 1)
    await refreshStatistics(adapter)
    const statisticsAt = performance.now()
    watch('index', 0, 1)
    if (adapter.kind === 'postgres') await ensureEmbeddingIndex(adapter, SEED_EMBEDDING.id, SEED_EMBEDDING.dimension)
    return {
      organisations: made,
      people: sum(made.map(({ people }) => people.length)),
      documents: sum(made.map((one) => one.documents)),
      chunks: done,
      ...{ conversations, messages, password, model: SEED_EMBEDDING.id },
      seconds: {
        rows: seconds(rowsAt - started),
        statistics: seconds(statisticsAt - rowsAt),
        index: seconds(performance.now() - statisticsAt),
      },
    }
  } finally {
    await database.close()
  }
}

const hasAccounts = async ({ auth }: ReturnType<typeof openDatabase>): Promise<boolean> =>
  (await auth.select({ id: authSchema.user.id }).from(authSchema.user).limit(1)).length > 0

const seconds = (ms: number) => Math.round(ms / 100) / 10

import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { indexedRows } from '../fixtures/ingestion/indexed-rows.ts'
import { ingest, ingestWithKills, writeCorpus } from '../fixtures/ingestion/crashing-ingestion.ts'
import { startProduct, type Product } from '../fixtures/product/index.ts'

const FILES = 12
const KILLS = 3
/** Any will do; a failure is repeated with the one that it names. */
const SEED = 20_260_331
const TIMEOUT_MS = 240_000

describe('ingestion under SIGKILL (short form of ingest-crash.proof.test.ts)', () => {
  let product: Product
  let folder: string
  beforeAll(async () => {
    folder = await writeCorpus(FILES)
    product = await startProduct()
  })
  afterAll(async () => {
    await product.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it(
    `writes the same rows as a calm run after ${KILLS} kills of worker and database`,
    async () => {
      await ingest(product, folder, 'calm')
      const calm = await indexedRows(product.dataFolder, 'calm')
      expect(calm).toMatchObject({ documents: FILES })
      expect(calm.postings).toBeGreaterThan(1000)

      const { collections, kills } = await ingestWithKills(product, folder, {
        prefix: 'stormy',
        kills: KILLS,
        seed: SEED,
      })
      expect(kills).toHaveLength(KILLS)
      for (const name of collections) {
        const rows = await indexedRows(product.dataFolder, name)
        // Name, seed and kills are here for the report of a failure.
        expect({ name, seed: SEED, kills, rows }).toEqual({ name, seed: SEED, kills, rows: calm })
      }
    },
    TIMEOUT_MS,
  )
})

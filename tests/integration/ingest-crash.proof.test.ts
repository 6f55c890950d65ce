import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { indexedRows } from '../fixtures/ingestion/indexed-rows.ts'
import { ingest, ingestWithKills, writeCorpus } from '../fixtures/ingestion/crashing-ingestion.ts'
import { startProduct, type Product } from '../fixtures/product/index.ts'

const FILES = 16
/** A kill takes some ten seconds, most of it boot's pause before it starts the same process again. */
const KILLS = 50
/** A hundred random moments in all. */
const SEEDS = [1, 2]

describe('check 11: ingestion under SIGKILL', () => {
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

  it.each(SEEDS)(`writes the same rows as a calm run after ${KILLS} kills (seed %i)`, async (seed) => {
    await ingest(product, folder, `calm ${seed}`)
    const calm = await indexedRows(product.dataFolder, `calm ${seed}`)
    expect(calm).toMatchObject({ documents: FILES })

    const { collections, kills } = await ingestWithKills(product, folder, {
      prefix: `stormy ${seed}`,
      kills: KILLS,
      seed,
    })
    expect(kills).toHaveLength(KILLS)
    expect(new Set(kills.map(({ part }) => part))).toEqual(new Set(['worker', 'pglite']))
    for (const name of collections) {
      const rows = await indexedRows(product.dataFolder, name)
      // Name, seed and kills are here for the report of a failure.
      expect({ name, seed, kills, rows }).toEqual({ name, seed, kills, rows: calm })
    }
  })
})

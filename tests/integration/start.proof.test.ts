import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newDataFolder, startProduct, type Product } from '../fixtures/product/index.ts'

/** Quotas of a laptop: what a person accepts to wait, and to give away. They mean something on an idle machine only. */
const WARM_START_MS = 8_000
const REST_MEBIBYTES = 1536
const WARM_STARTS = 3

describe('starting on a data folder that is there already', () => {
  let dataFolder: string
  let product: Product
  beforeAll(async () => {
    dataFolder = await newDataFolder()
    product = await startProduct({ dataFolder })
  })
  afterAll(() => product.stop({ keepData: false }))

  it(`takes ${WARM_START_MS / 1000} s at most and ${REST_MEBIBYTES} MiB at rest`, async () => {
    for (let i = 0; i < WARM_STARTS; i++) {
      await product.stop({ keepData: true })
      product = await startProduct({ dataFolder })
      expect(product.startMs).toBeLessThan(WARM_START_MS)
    }
    const resident = product.processes().reduce((sum, { residentBytes }) => sum + residentBytes, 0)
    expect(resident / 1024 / 1024).toBeLessThan(REST_MEBIBYTES)
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CORPUS } from './corpus.ts'
import { faultsOfCorpus, productionLimits } from './run-corpus.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-hostile-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('the whole hostile corpus harms nothing, the slow files included', async () => {
  expect(await faultsOfCorpus(CORPUS, { folder, limits: productionLimits() })).toEqual({})
})

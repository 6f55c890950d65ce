import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CORPUS } from './corpus.ts'
import { faultsOfCorpus, productionLimits } from './run-corpus.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-hostile-'))
})
afterAll(() => rm(folder, { recursive: true }))

const named = (pattern: RegExp) => {
  const files = CORPUS.filter(({ name }) => pattern.test(name))
  expect(files).toHaveLength(1)
  return files
}

/** 30 s on an idle machine of two cores. */
const TIMEOUT_MS = 300_000

describe('the hostile corpus', () => {
  test('has forty files and more, each with a name of its own', () => {
    expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length)
    expect(CORPUS.length).toBeGreaterThanOrEqual(40)
  })

  test(
    'harms nothing: each file ends as it should, in time and memory, alone',
    async () => {
      const files = CORPUS.filter(({ slow }) => slow !== true)
      expect(await faultsOfCorpus(files, { folder, limits: productionLimits() })).toEqual({})
    },
    TIMEOUT_MS,
  )
})

// What the runner would say if the readers had no manners.
describe('a naive reader', () => {
  const module = new URL('./naive-child.ts', import.meta.url)
  /** Newer versions of Node refuse the network to a process with `--permission`; ours then cannot be naive. */
  const mayConnect = !process.allowedNodeEnvironmentFlags.has('--allow-net')

  test(
    'is found out when it follows paths and addresses',
    async () => {
      const files = named(/^HTML: pictures, frames/u)
      const faults = await faultsOfCorpus(files, { folder, limits: productionLimits(), module })
      const found = Object.values(faults).flat()
      expect(found).toContain('has bytes of another file')
      expect(found.some((fault) => fault.startsWith('connected'))).toBe(mayConnect)
    },
    TIMEOUT_MS,
  )

  test.runIf(process.platform === 'linux')(
    'is found out when it inflates what it is given, without a cap',
    async () => {
      const limits = { ...productionLimits(), memoryMb: 4096 }
      const faults = await faultsOfCorpus(named(/^zip bomb$/u), { folder, limits, module })
      expect(Object.values(faults).flat()).toEqual(['ended as searchable', expect.stringMatching(/^took \d+ MiB$/u)])
    },
    TIMEOUT_MS,
  )

  test.runIf(process.platform === 'linux')(
    'is stopped by the cap',
    async () => {
      const faults = await faultsOfCorpus(
        named(/^zip bomb$/u).map((file) => ({ ...file, expected: ['too_much_memory' as const] })),
        { folder, limits: productionLimits(), module },
      )
      expect(faults).toEqual({})
    },
    TIMEOUT_MS,
  )
})

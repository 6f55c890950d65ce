// What one organisation has to wait because another one has much to do: files that stand before five thousand of a
// neighbour's, and answers beside fifty that a neighbour's members have asked for. Phases without and with the neighbour
// alternate, so that whatever else the machine does is in both.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startPostgres } from '../scripts/test/postgres.mjs'

const short = process.argv.includes('--short')
const TARGETS = { filesP95Rise: 0.2, firstTokenP95Rise: 0.1, faults: 0 }
const say = (message) => console.error(message)

const server = await startPostgres(say)
process.env.TEST_DATABASE_URL = server.url
const { createTestDatabase } = await import('../packages/db/src/testing/index.ts')
const { filesBesideAHeap } = await import('./fair/files.mjs')
const { tokensBesideMany } = await import('./fair/tokens.mjs')
const { quantile } = await import('./pool/callers.mjs')

const p95 = (samples) => Math.round(quantile(samples, 0.95))
/** Of all files of all rounds: the p95 of a round's twenty is its second slowest, which the machine decides. */
const riseOfAll = ({ calm, loaded }) => Number((p95(loaded) / p95(calm) - 1).toFixed(3))

const db = await createTestDatabase()
const dataFolder = mkdtempSync(path.join(tmpdir(), 'quarry-fair-'))
let pass = false
try {
  const files = await filesBesideAHeap({ db, dataFolder, short, say })
  const tokens = await tokensBesideMany({ db, dataFolder, short, say })
  say(JSON.stringify(tokens))
  const figures = {
    ...{ heap: files.heap, heapRead: files.heapRead, generations: tokens.generations },
    ...{ filesP95Ms: { calm: p95(files.calm), loaded: p95(files.loaded) }, filesP95Rise: riseOfAll(files) },
    ...{ filesMeasured: files.calm.length + files.loaded.length, filesRounds: files.rounds },
    ...{ firstTokenSamples: tokens.samples, firstTokenP95Ms: { calm: tokens.calm, loaded: tokens.loaded } },
    firstTokenP95Rise: Number((tokens.loaded / tokens.calm - 1).toFixed(3)),
    // Without what the provider takes to begin.
    ...{ ownShareP95Ms: tokens.own, firstTokenRounds: tokens.rounds },
    faults: files.faults + tokens.faults,
  }
  pass =
    figures.filesP95Rise <= TARGETS.filesP95Rise &&
    figures.firstTokenP95Rise <= TARGETS.firstTokenP95Rise &&
    figures.faults === 0 &&
    // Control: the neighbour was served meanwhile, and had not run out of files.
    files.heapRead > 0 &&
    files.heapLeft > 0
  console.log(JSON.stringify({ bench: 'fair', pass, figures, targets: TARGETS }))
} finally {
  await db.close()
  rmSync(dataFolder, { recursive: true, force: true })
  await server.stop()
}
process.exit(pass ? 0 : 1)

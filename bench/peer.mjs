// Ours beside another design: one replica against one worker of a peer that is given by its folder, in turn, on the same
// PostgreSQL, Redis and double of the model. The cached list of 20 documents, asked for as fast as it is answered; and
// answers at 25 tokens a second, each asked for and read by somebody, more and more of them until tokens come late.
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { startPostgres } from '../scripts/test/postgres.mjs'
import { startChild } from './load/child.mjs'
import { loadReads } from './peer/load-reads.mjs'
import { missingFor } from './peer/needs.mjs'
import { quantile } from './pool/callers.mjs'

const { values } = parseArgs({
  ...{ allowPositionals: true, strict: false },
  options: { peer: { type: 'string' }, short: { type: 'boolean', default: false } },
})
const { short } = values
const missing = missingFor(values.peer)
if (missing !== null) {
  console.error(missing)
  process.exit(1)
}

const ROUNDS = short ? 1 : 3
const READ_SECONDS = short ? 4 : 10
const WARM_SECONDS = 2
/** The double's: 25 tokens a second after 300 ms, each with the time at which it was sent. */
const TTFT_MS = 300
const TOKENS = 200
const MODEL = `mock-ttft${TTFT_MS}-itl40-len${TOKENS}-stamped`
/** In which readers come, until all of them are there and settled, and what is measured of the 8 s that an answer takes. */
const STREAM_TIMES = { overMs: 2_000, settleMs: 500, measuredMs: 5_000 }
const AT_FIRST = 100
const STEPS = short ? [] : [200, 300, 350, 400, 500, 600, 800]
const LATE_MS = 200
const TARGETS = { readsRatio: 1, readsP99Ratio: 1, streamsRatio: 1, ownFirstTokenP95Ms: 60, goalReadsRatio: 2 }

const server = await startPostgres((message) => console.error(message))
process.env.TEST_DATABASE_URL = server.url
const { createTestDatabase } = await import('../packages/db/src/testing/index.ts')
const { startTestRedis } = await import('../packages/cache/src/testing/index.ts')
const { DOCUMENTS, startOurs, startPeer } = await import('./peer/sides.mjs')

const stops = []
const started = async (part, stop) => {
  const opened = await part
  stops.push(() => stop(opened))
  return opened
}
const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0
const ratio = (a, b) => Number((a / b).toFixed(2))

const checkList = async ({ reads, headers, listed, kind }) => {
  const response = await fetch(reads, { headers })
  const found = listed(await response.text())
  if (found !== DOCUMENTS) throw new Error(`${kind} lists ${found} documents`)
}

const readStreams = async (readers, { kind, url, headers }, streams) => {
  const side = { kind, url, headers, tokens: TOKENS, ttftMs: TTFT_MS }
  const { delays, ownFirstMs, faults, faultCount } = await readers.ask({ what: 'read', side, streams, ...STREAM_TIMES })
  for (const fault of faults) console.error(`${kind}: ${fault}`)
  const figures = {
    streams,
    p99Ms: quantile(delays, 0.99),
    ownFirstTokenP95Ms: Math.round(quantile(ownFirstMs, 0.95)),
    faults: faultCount,
  }
  console.error(kind, JSON.stringify(figures))
  return figures
}
const holds = ({ p99Ms, faults }) => faults === 0 && p99Ms <= LATE_MS

try {
  const db = await started(createTestDatabase(), (opened) => opened.close())
  const redis = await started(startTestRedis(), (opened) => opened.close())
  const provider = startChild('provider.mjs')
  stops.push(() => provider.stop())
  const { port } = await provider.next()
  const scene = { db, redis, llmUrl: `http://127.0.0.1:${port}/v1`, model: MODEL }
  const peer = await started(startPeer({ ...scene, folder: values.peer }), (opened) => opened.stop())
  const ours = await started(startOurs(scene), (opened) => opened.stop())
  const readers = startChild('../peer/readers.mjs')
  stops.push(() => readers.stop())
  const sides = [ours, peer]

  const reads = { ours: [], peer: [] }
  const firsts = { ours: [], peer: [] }
  for (const side of sides) {
    for (let i = 0; i < 5; i++) await checkList(side)
    await loadReads({ url: side.reads, headers: side.headers, seconds: WARM_SECONDS })
    await readStreams(readers, side, 10)
  }
  for (let round = 0; round < ROUNDS; round++)
    for (const side of sides) {
      const figures = await loadReads({ url: side.reads, headers: side.headers, seconds: READ_SECONDS })
      console.error(side.kind, JSON.stringify(figures))
      reads[side.kind].push(figures)
    }
  for (let round = 0; round < ROUNDS; round++)
    for (const side of sides) firsts[side.kind].push(await readStreams(readers, side, AT_FIRST))
  const held = { ours: 0, peer: 0 }
  for (const side of sides) {
    if (firsts[side.kind].every(holds)) held[side.kind] = AT_FIRST
    for (const streams of held[side.kind] > 0 ? STEPS : []) {
      if (!holds(await readStreams(readers, side, streams))) break
      held[side.kind] = streams
    }
  }

  const of = (kind) => ({
    perSecond: median(reads[kind].map(({ perSecond }) => perSecond)),
    p99Ms: median(reads[kind].map(({ p99Ms }) => p99Ms)),
    streams: held[kind],
    ownFirstTokenP95Ms: median(firsts[kind].map(({ ownFirstTokenP95Ms }) => ownFirstTokenP95Ms)),
  })
  const [mine, theirs] = [of('ours'), of('peer')]
  const figures = {
    ...{ rounds: ROUNDS, ours: mine, peer: theirs },
    readsRatio: ratio(mine.perSecond, theirs.perSecond),
    readsP99Ratio: ratio(mine.p99Ms, theirs.p99Ms),
    streamsRatio: ratio(mine.streams, theirs.streams || 1),
    all: { reads, firsts },
    load: loadavg().map((value) => Number(value.toFixed(1))),
  }
  const pass =
    figures.readsRatio >= TARGETS.readsRatio &&
    figures.readsP99Ratio <= TARGETS.readsP99Ratio &&
    figures.streamsRatio >= TARGETS.streamsRatio &&
    mine.ownFirstTokenP95Ms <= TARGETS.ownFirstTokenP95Ms
  console.log(JSON.stringify({ bench: 'peer', pass, figures, targets: TARGETS }))
  process.exitCode = pass ? 0 : 1
} finally {
  for (const stop of stops.toReversed()) await stop()
  await server.stop()
}

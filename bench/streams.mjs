// What it costs to read along: answers are written by one web process at 25 tokens a second and read from another one,
// which is measured. Rounds of as many streams as the target says, then more and more of them, until tokens come late.
import { loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres } from '../scripts/test/postgres.mjs'
import { quantile } from './pool/callers.mjs'

const short = process.argv.includes('--short')
const STREAMS = short ? 100 : 500
/**
 * Answers that are written at once, each read by several. What writes them (an agent, and a model at 25 tokens a second for
 * each) would be on other machines, and takes as much of this one as what is measured.
 */
const ANSWERS = short ? 20 : 50
const ROUNDS = short ? 2 : 5
/** More of them, as long as tokens come in time. */
const STEPS = short ? [] : [750, 1_000, 1_500]
/** In which the streams are opened; and until what was to be caught up with has been. */
const OPEN_MS = 3_000
const SETTLE_MS = 2_000
const MEASURED_MS = short ? 5_000 : 10_000
/** In which all has to be given back. */
const BASELINE_MS = 30_000
const TOKENS_PER_SECOND = 25
const TARGETS = { p99Ms: 200, databaseConnectionsHeld: 0, baselineSeconds: 30, slopeMbPerRound: 2, faults: 0 }
/** Of what it held before the first round: a timer or two come and go by themselves. */
const FEW = 5

const server = await startPostgres((message) => console.error(message))
process.env.TEST_DATABASE_URL = server.url
const { createTestDatabase } = await import('../packages/db/src/testing/index.ts')
const { startScene } = await import('./streams/scene.mjs')

const db = await createTestDatabase()
// An answer outlives its round a little, so that readers leave in the middle.
const answerSeconds = (OPEN_MS + SETTLE_MS + MEASURED_MS) / 1_000 + 6
let scene

/** So many streams for a while, and what came of them. */
const round = async (streams) => {
  const runIds = await scene.ask(ANSWERS)
  await scene.read(runIds, streams, OPEN_MS)
  await pause(OPEN_MS + SETTLE_MS)
  await scene.readers.ask({ what: 'take' })
  const cpu = scene.cpuSeconds()
  const startedAt = performance.now()
  let held = 0
  while (performance.now() - startedAt < MEASURED_MS) {
    await pause(500)
    held = Math.max(held, await scene.heldConnections())
  }
  const seconds = (performance.now() - startedAt) / 1_000
  const { delays, events, faults, faultCount } = await scene.readers.ask({ what: 'take' })
  const cpuNow = scene.cpuSeconds()
  const open = await scene.holds()
  await scene.readers.ask({ what: 'leave' })
  for (const fault of faults) console.error(fault)
  const figures = {
    streams,
    p50Ms: quantile(delays, 0.5),
    p99Ms: quantile(delays, 0.99),
    tokensPerStream: Number((delays.length / seconds / streams).toFixed(1)),
    eventsPerSecond: Math.round(events / seconds),
    cpuOfReading: Number(((cpuNow.reading - cpu.reading) / seconds).toFixed(2)),
    cpuOfGenerating: Number(((cpuNow.generating - cpu.generating) / seconds).toFixed(2)),
    held,
    faults: faultCount,
    open,
  }
  console.error(JSON.stringify(figures))
  return figures
}

/** Seconds until everything is given back; null where it is not in time. */
const untilBaseline = async (baseline) => {
  const startedAt = performance.now()
  for (;;) {
    const now = await scene.holds()
    const seconds = (performance.now() - startedAt) / 1_000
    const isBack = ['sockets', 'timers', 'listeners'].every((what) => now[what] <= baseline[what] + FEW)
    if (isBack) return { seconds: Number(seconds.toFixed(1)), now }
    if (seconds * 1_000 > BASELINE_MS) {
      console.error(`held still: ${JSON.stringify(now)}, before: ${JSON.stringify(baseline)}`)
      return { seconds: null, now }
    }
    await pause(1_000)
  }
}

/** In time, and all of them: a stream that is given half of its tokens is late with the rest. */
const holdsWell = ({ p99Ms, tokensPerStream, faults }) =>
  p99Ms <= TARGETS.p99Ms && tokensPerStream >= 0.9 * TOKENS_PER_SECOND && faults === 0

try {
  scene = await startScene(db, answerSeconds * TOKENS_PER_SECOND)
  // Code is compiled and pools are filled with the first streams that there ever were.
  await round(Math.round(STREAMS / 2))
  await pause(BASELINE_MS / 2)
  const baseline = await scene.holds()
  const rounds = []
  for (let i = 0; i < ROUNDS; i++) {
    const figures = await round(STREAMS)
    rounds.push({ ...figures, after: await untilBaseline(baseline) })
  }
  let holds = rounds.every(holdsWell) ? STREAMS : 0
  for (const streams of holds > 0 ? STEPS : []) {
    const figures = await round(streams)
    await untilBaseline(baseline)
    if (!holdsWell(figures)) break
    holds = streams
  }
  const heaps = rounds.map(({ after }) => after.now.heapMb)
  const backAfter = rounds.map(({ after }) => after.seconds)
  const figures = {
    ...{ streams: STREAMS, answers: ANSWERS, rounds: rounds.length },
    p50Ms: Math.max(...rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...rounds.map(({ p99Ms }) => p99Ms)),
    tokensPerStream: Math.min(...rounds.map(({ tokensPerStream }) => tokensPerStream)),
    eventsPerSecond: Math.min(...rounds.map(({ eventsPerSecond }) => eventsPerSecond)),
    cpuOfReading: Math.max(...rounds.map(({ cpuOfReading }) => cpuOfReading)),
    databaseConnectionsHeld: Math.max(...rounds.map(({ held }) => held)),
    faults: rounds.reduce((sum, { faults }) => sum + faults, 0),
    baselineSeconds: backAfter.includes(null) ? null : Math.max(...backAfter),
    heapMb: { baseline: baseline.heapMb, open: rounds.map(({ open }) => open.heapMb), after: heaps },
    slopeMbPerRound: Number(((heaps.at(-1) - heaps[0]) / Math.max(1, heaps.length - 1)).toFixed(2)),
    sockets: { baseline: baseline.sockets, after: rounds.map(({ after }) => after.now.sockets) },
    listeners: { baseline: baseline.listeners, after: rounds.map(({ after }) => after.now.listeners) },
    streamsAtThatDelay: holds,
    load: loadavg().map((value) => Number(value.toFixed(1))),
  }
  const pass =
    rounds.every(holdsWell) &&
    figures.databaseConnectionsHeld <= TARGETS.databaseConnectionsHeld &&
    figures.baselineSeconds !== null &&
    figures.baselineSeconds <= TARGETS.baselineSeconds &&
    figures.slopeMbPerRound <= TARGETS.slopeMbPerRound
  console.log(JSON.stringify({ bench: 'streams', pass, figures, targets: TARGETS }))
  process.exitCode = pass ? 0 : 1
} finally {
  await scene?.stop()
  await db.close()
  await server.stop()
}

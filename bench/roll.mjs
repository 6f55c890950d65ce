// A deploy that nobody notices: three replicas behind the balancer are replaced one after the other, twice, while requests
// come in evenly and people read answers as they are written; then one of them is killed. Prints one JSON object.
//   npm run bench -- roll [--short] [--build <folder>]
import { loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { comingBack, startCrowd } from './roll/crowd.mjs'
import { MOVE_SPREAD_MS } from './roll/reader.mjs'
import { startScene } from './roll/scene.mjs'
import { waitUntil } from '../tests/fixtures/product/index.ts'

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, build: { type: 'string' } },
  allowPositionals: true,
})
const PER_SECOND = values.short ? 40 : 100
const STREAMS = values.short ? 30 : 100
const ROLLS = values.short ? 1 : 2
const REPLICAS = 3
/** An answer of ten seconds: each roll meets several of each reader. */
const WORDS = 100
const BETWEEN_TOKENS_MS = 100
/** Before the first roll, and between: as it is when nothing happens. */
const CALM_MS = 12_000
const TARGETS = {
  ...{ resets: 0, serverErrors: 0, incomplete: 0, different: 0, exitSeconds: 30 },
  ...{ afterKillResets: 0, afterKillServerErrors: 0, backAfterKillSeconds: 5, terminalAfterKillSeconds: 30 },
  /** Who is told to come back does so evenly: the busiest second has at most twice its share of a replica's readers. */
  busiestToEvenSecond: 2,
}

const say = (line) => console.error(line)
const scene = await startScene({
  ...{ replicas: REPLICAS, words: WORDS, betweenTokensMs: BETWEEN_TOKENS_MS, build: values.build, say },
})
try {
  const ask = () => scene.answer({ signal: AbortSignal.timeout(60_000) })
  const [undisturbed, other] = await Promise.all([ask(), ask()])
  if (undisturbed.state !== 'complete') throw new Error(`the undisturbed answer is ${undisturbed.state}`)
  const requests = scene.requests(PER_SECOND, [undisturbed.conversationId, other.conversationId])
  const crowd = startCrowd(scene, { people: STREAMS, overMs: CALM_MS })
  await pause(CALM_MS)

  const leftSeconds = []
  const moves = []
  for (let roll = 0; roll < ROLLS; roll++) {
    let from = crowd.opened.length
    await scene.supervisor('roll', {}, (line) => {
      say(line)
      const left = /^web-.*left after ([\d.]+) s/.exec(line)?.[1]
      if (left !== undefined) leftSeconds.push(Number(left))
      const moved = comingBack(crowd.opened.slice(from), /^move$/)
      from = crowd.opened.length
      if (moved.all > 0) moves.push(moved)
    })
    await pause(CALM_MS / 2)
  }
  const rolled = { ...requests.figures(), failedQuestions: crowd.failed.length, answers: crowd.answers.length }

  const victim = (await scene.replicas())[0]
  const killedAt = Date.now()
  const before = crowd.answers.length
  process.kill(victim.pid, 'SIGKILL')
  say(`${victim.name} was killed`)
  await pause(CALM_MS)
  await crowd.stop()
  const terminalSeconds = (Date.now() - killedAt - CALM_MS) / 1_000
  const all = await requests.stop()
  await waitUntil('the killed replica is there again', 60_000, async () =>
    (await scene.replicas()).every((one) => one.ready),
  )

  const incomplete = crowd.answers.filter(({ state }) => state !== 'complete')
  const different = crowd.answers.filter(({ state, text }) => state === 'complete' && text !== undisturbed.text)
  const afterKill = crowd.answers.slice(before).flatMap(({ gaps }) => gaps.filter(({ at }) => at >= killedAt - 100))
  const readers = afterKill.filter(({ why }) => why === 'broken')
  const evenly = (all) => all / (MOVE_SPREAD_MS / 1_000)
  const figures = {
    ...{ perSecond: PER_SECOND, streams: STREAMS, rolls: ROLLS, replicas: REPLICAS },
    ...{ requests: rolled.sent, resets: rolled.resets, serverErrors: rolled.serverErrors, refused: rolled.refused },
    slowestRequestMs: rolled.slowestMs,
    ...{ answers: crowd.answers.length, failedQuestions: rolled.failedQuestions },
    ...{ incomplete: incomplete.length, different: different.length },
    exitSeconds: Math.max(...leftSeconds),
    comingBack: {
      moved: comingBack(crowd.opened, /^move$/).all,
      broken: comingBack(crowd.opened, /^broken$/).all,
      refused: comingBack(crowd.opened, /^refused/).all,
      steadyOpensPerSecond: Number((STREAMS / ((300 + WORDS * BETWEEN_TOKENS_MS) / 1_000)).toFixed(1)),
    },
    // Of a few readers a second's share says nothing.
    busiestToEvenSecond: Number(
      Math.max(
        0,
        ...moves.filter(({ all: count }) => count >= 10).map(({ all: count, busiest }) => busiest / evenly(count)),
      ).toFixed(2),
    ),
    afterKillResets: all.resets - rolled.resets,
    afterKillServerErrors: all.serverErrors - rolled.serverErrors,
    afterKillFailedQuestions: crowd.failed.length - rolled.failedQuestions,
    readersCutOff: readers.length,
    backAfterKillSeconds: Number((Math.max(0, ...readers.map(({ ms }) => ms)) / 1_000).toFixed(1)),
    terminalAfterKillSeconds: Number(terminalSeconds.toFixed(1)),
    load: loadavg().map((value) => Number(value.toFixed(1))),
  }
  for (const line of [...requests.samples, ...crowd.failed.slice(0, 10)]) say(line)
  for (const { text } of different.slice(0, 2)) say(`undisturbed:\n${undisturbed.text}\nanother one:\n${text}`)
  const pass = figures.failedQuestions === 0 && Object.entries(TARGETS).every(([name, most]) => figures[name] <= most)
  console.log(JSON.stringify({ bench: 'roll', pass, figures, targets: TARGETS }))
  process.exitCode = pass ? 0 : 1
} finally {
  await scene.stop()
}

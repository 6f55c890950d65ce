// Answers whose process is killed while it writes: three web servers on one PostgreSQL and one Redis; again and again some
// questions are asked at one of them, which is killed (SIGKILL) at a random moment of the answers and started again after a
// while. Readers come back at the servers that are left. Every answer must end complete, and what it used be counted once.
import { loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres } from '../scripts/test/postgres.mjs'
import { faultsOf, follow, shownBy } from './answers/reader.mjs'
import { startScene } from './answers/scene.mjs'
import { quantile } from './pool/callers.mjs'

const short = process.argv.includes('--short')
const KILLS = short ? 6 : 100
/** Killed at the same moment, all at one server; so a hundred moments fit into minutes, at fifteen seconds of silence each. */
const AT_ONCE = short ? 3 : 6
const SERVERS = 3
/** A moment somewhere in the answer, from the question to its last words, which takes about five seconds. */
const WITHIN_MS = 3500
const STUCK_SECONDS = 60
const TARGETS = {
  complete: KILLS,
  silenceP95Ms: 15_000,
  stuck: 0,
  countedOnce: KILLS,
  gaps: 0,
  repeats: 0,
  attempts: 3,
}

const server = await startPostgres((message) => console.error(message))
process.env.TEST_DATABASE_URL = server.url
const { createTestDatabase } = await import('../packages/db/src/testing/index.ts')
const db = await createTestDatabase()
const scene = await startScene(db, { servers: SERVERS, sentences: 12, betweenTokensMs: 40 })

const silences = []
const figures = {
  ...{ killed: 0, complete: 0, stuck: 0, countedOnce: 0, takenOver: 0, gaps: 0, repeats: 0, different: 0 },
  /** The most that one answer took: after three that died it is not tried again. */
  attempts: 0,
}

const looking = { on: true }
/** Counts answers that have been under way for longer than anybody waits. */
const look = async () => {
  while (looking.on) {
    const [row] = await db.owner`select count(*)::int as n from message
      where state = 'streaming' and created_at < now() - ${STUCK_SECONDS} * interval '1 second'`
    figures.stuck = Math.max(figures.stuck, row.n)
    await pause(1000)
  }
}

/** The longest silence that a reader of an answer had after the kill. */
const silenceOf = ({ at }, killedAt) => {
  const around = [at.findLast((ms) => ms <= killedAt) ?? killedAt, ...at.filter((ms) => ms > killedAt)]
  return Math.max(...around.slice(1).map((ms, i) => ms - Math.max(around[i], killedAt)), 0)
}

const killOnce = async (round) => {
  const victim = scene.replicas[round % SERVERS]
  const left = scene.replicas.filter((replica) => replica !== victim)
  let killedAt = Infinity
  const urlOf = () => (killedAt === Infinity ? victim : left[Math.floor(Math.random() * left.length)]).url
  const asked = Array.from({ length: Math.min(AT_ONCE, KILLS - figures.killed) }, async (_, i) => {
    // Each is at another moment of its answer when the server dies.
    await pause(Math.random() * WITHIN_MS)
    const reply = await scene.ask(victim.url, `How is the torque of mast ${round}.${i} set?`)
    return { reply, reading: follow({ apiKey: scene.apiKey, runId: reply.runId, urlOf }) }
  })
  const readings = await Promise.all(asked)
  await pause(Math.random() * 500)
  killedAt = Date.now()
  const restarted = victim
    .kill()
    .then(() => pause(1000))
    .then(victim.start)
  figures.killed += readings.length
  for (const { reply, reading } of readings) {
    const told = await reading
    const { gaps, repeats } = faultsOf(told.events)
    figures.gaps += gaps
    figures.repeats += repeats
    silences.push(silenceOf(told, killedAt))
    const [row] = await db.owner`select m.state, m.text, r.attempt,
        (select count(*)::int from usage_event u where u.id = r.id) as counted, r.usage
      from run r join message m on m.org_id = r.org_id and m.id = r.message_id where r.id = ${reply.runId}`
    if (row.state === 'complete') figures.complete++
    if (row.counted === 1) figures.countedOnce++
    if (row.attempt > 1) figures.takenOver++
    figures.attempts = Math.max(figures.attempts, row.attempt)
    if (shownBy(told.events).text !== row.text) figures.different++
  }
  await restarted
  console.error(`${figures.killed} answers killed, ${figures.complete} complete`)
}

try {
  const watching = look()
  for (let round = 0; figures.killed < KILLS; round++) await killOnce(round)
  looking.on = false
  await watching
  const values = {
    ...figures,
    silenceP50Ms: quantile(silences, 0.5),
    silenceP95Ms: quantile(silences, 0.95),
    silenceMaxMs: Math.max(...silences),
    load: loadavg().map((value) => Number(value.toFixed(1))),
  }
  const pass =
    ['complete', 'countedOnce'].every((name) => values[name] === TARGETS[name]) &&
    ['silenceP95Ms', 'stuck', 'gaps', 'repeats', 'attempts'].every((name) => values[name] <= TARGETS[name]) &&
    values.different === 0
  console.log(JSON.stringify({ bench: 'takeover', pass, figures: values, targets: TARGETS }))
  process.exitCode = pass ? 0 : 1
} finally {
  looking.on = false
  await scene.stop()
  await db.close()
  await server.stop()
}

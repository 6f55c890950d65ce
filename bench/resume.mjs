// Answers that are read with every kind of interruption: three web servers on one PostgreSQL and one Redis; of each answer
// one reader who is never interrupted, one in another tab at another server, one whose connection is cut after every event
// and who comes back at a random server, and one who reloads the page, which is to read from the beginning. Of some of the
// answers Redis forgets everything in the middle. All must have seen the same in the end, and that is what is stored.
import { loadavg } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import { getConversationOutput } from '../packages/contracts/src/index.ts'
import { startPostgres } from '../scripts/test/postgres.mjs'
import { faultsOf, follow, shownBy } from './answers/reader.mjs'
import { startScene } from './answers/scene.mjs'

const short = process.argv.includes('--short')
const ANSWERS = short ? 10 : 100
/** Every so many-th answer loses its log. */
const FLUSHED = 5
/** At the same time: what is measured is not speed. */
const AT_ONCE = short ? 2 : 4
const RELOADS = 3
const SERVERS = 3
const TARGETS = { answers: ANSWERS, different: 0, gaps: 0, repeats: 0, unfinished: 0 }

const server = await startPostgres((message) => console.error(message))
process.env.TEST_DATABASE_URL = server.url
const { createTestDatabase } = await import('../packages/db/src/testing/index.ts')
const db = await createTestDatabase()
const scene = await startScene(db, { servers: SERVERS, sentences: 8, betweenTokensMs: 20 })
const urls = scene.replicas.map(({ url }) => url)
const anywhere = () => urls[Math.floor(Math.random() * urls.length)]

const figures = {
  ...{ answers: 0, different: 0, gaps: 0, repeats: 0, unfinished: 0 },
  ...{ connections: 0, cuts: 0, eventsOfAnswer: 0, flushes: 0 },
}
const differences = []

/** Who reloads: reads from the beginning and leaves, some times, and then reads all of it. */
const reload = async (reader) => {
  for (let i = 0; i < RELOADS; i++) {
    const leaveAfter = 1 + Math.floor(Math.random() * 20)
    await follow({ ...reader, leave: (seen) => seen.length >= leaveAfter })
  }
  return follow(reader)
}

const readOne = async (index) => {
  const [home, other] = [urls[index % SERVERS], urls[(index + 1) % SERVERS]]
  const { runId, messageId, conversationId } = await scene.ask(home, `How is the torque of mast ${index} set?`)
  const reader = { apiKey: scene.apiKey, runId, urlOf: anywhere }
  const flushesBefore = figures.flushes
  let isDue = index % FLUSHED === FLUSHED - 1
  const flush = (events) => {
    if (isDue && events.length > 12) {
      isDue = false
      figures.flushes++
      void scene.flush()
    }
    return false
  }
  const [uncut, tab, cut, reloads] = await Promise.all([
    follow({ ...reader, urlOf: () => home, cut: flush }),
    follow({ ...reader, urlOf: () => other }),
    follow({ ...reader, cut: () => true }),
    reload(reader),
  ])
  // Whoever asked for it: all answers of the moment lost their logs.
  const flushed = figures.flushes > flushesBefore
  const { messages } = await scene.query(home, 'conversations.get', { id: conversationId }, getConversationOutput)
  const stored = messages.find(({ id }) => id === messageId)
  figures.answers++
  figures.connections += cut.connections + uncut.connections + tab.connections
  figures.cuts += cut.connections
  figures.eventsOfAnswer = Math.max(figures.eventsOfAnswer, uncut.events.length)
  if (stored?.state !== 'complete') figures.unfinished++
  const wanted = { text: stored?.text, citations: stored?.citations }
  const all = [uncut.events, tab.events, cut.events, reloads.events]
  for (const [who, events] of all.entries()) {
    const { gaps, repeats } = faultsOf(events)
    figures.gaps += gaps
    figures.repeats += repeats
    // Where nothing was lost, every event is the same, not only what came of them.
    const same = isDeepStrictEqual(shownBy(events), wanted) && (flushed || isDeepStrictEqual(events, uncut.events))
    if (same) continue
    figures.different++
    differences.push({ index, who, flushed, got: shownBy(events).text.slice(-80), wanted: wanted.text?.slice(-80) })
  }
}

try {
  let next = 0
  const lane = async () => {
    while (next < ANSWERS) {
      await readOne(next++)
      if (figures.answers % 10 === 0) console.error(`${figures.answers} answers, ${figures.cuts} cuts`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  for (const difference of differences.slice(0, 5)) console.error(difference)
  const pass = Object.entries(TARGETS).every(([name, target]) => figures[name] === target)
  const load = loadavg().map((value) => Number(value.toFixed(1)))
  console.log(JSON.stringify({ bench: 'resume', pass, figures: { ...figures, load }, targets: TARGETS }))
  process.exitCode = pass ? 0 : 1
} finally {
  await scene.stop()
  await db.close()
  await server.stop()
}

import { setTimeout as pause } from 'node:timers/promises'
import { kindOf } from './connection.mjs'

/** A whole answer takes two seconds; one that nobody ends is a fault. */
const MOST_MS = 60_000
/** As the browser waits before it opens a stream again: at random, so that not all come back at once. */
const AGAIN_MS = 250

/** One connection to an answer. Resolves with how it ended: 'end', 'move', 'broken', or the kind of a refusal. */
const connect = (connection, runId, seen) =>
  new Promise((resolve) => {
    const input = { runId, ...(seen.lastEventId === null ? {} : { lastEventId: seen.lastEventId }) }
    const sent = connection.send({
      path: `/api/trpc/chat.stream?input=${encodeURIComponent(JSON.stringify(input))}`,
      accept: 'text/event-stream',
      timeoutMs: MOST_MS,
    })
    let how = 'broken'
    sent.on('error', () => resolve('broken'))
    sent.on('response', (response) => {
      if (response.statusCode !== 200) {
        response.resume()
        response.on('close', () => resolve(kindOf(response)))
        return
      }
      let rest = ''
      response.setEncoding('utf8')
      response.on('data', (text) => {
        const now = Date.now()
        const parts = (rest + text).split('\n\n')
        rest = parts.pop()
        for (const part of parts) {
          const id = /^id: ?(\d+)$/m.exec(part)?.[1]
          if (id === undefined) continue
          if (part.includes('"type":"move"')) {
            how = 'move'
            sent.destroy()
            return
          }
          if (Number(id) <= seen.lastId) seen.repeated++
          seen.lastId = Number(id)
          seen.lastEventId = id
          if (part.includes('"type":"text"')) {
            seen.firstTextAt ??= performance.now()
            // The double puts the time of sending into each token.
            for (const [, at] of part.matchAll(/ t(\d{13})/g)) seen.delays.push(now - Number(at))
          } else if (part.includes('"type":"error"')) seen.failed = part
          else if (part.includes('"type":"citation"')) seen.citations++
          else if (part.includes('"type":"end"')) {
            how = 'end'
            // The server ends the stream by itself; who has all of it may go.
            sent.destroy()
            return
          }
        }
      })
      response.on('error', () => resolve(how))
      response.on('close', () => resolve(how))
    })
  })

/**
 * Reads an answer to its end as the browser does: over as many connections as that takes, each from the event that was
 * seen last.
 *
 * @returns {Promise<{ how: string, firstTextAt: number | undefined, delays: number[], connections: number, repeated: number, citations: number, failed?: string }>}
 */
export const readAnswer = async (connection, runId) => {
  const seen = { lastEventId: null, lastId: 0, firstTextAt: undefined, delays: [], repeated: 0, citations: 0 }
  const until = performance.now() + MOST_MS
  let connections = 0
  let how
  do {
    if (connections++ > 0) await pause(AGAIN_MS * (0.5 + Math.random()))
    how = await connect(connection, runId, seen)
  } while (['move', 'broken', '503', '429'].includes(how) && performance.now() < until)
  return { ...seen, how, connections }
}

import { get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** As the browser has it (apps/web/src/features/chat/run-store.ts): who is told to move comes back within this time. */
export const MOVE_SPREAD_MS = 2_000
const AGAIN_MS = 100
const AGAIN_AT_MOST_MS = 5_000

/**
 * One connection: hands on the events after `lastEventId`, and says how it ended: `end` of the answer, told to `move`,
 * `refused` with a status, or `broken`.
 */
const connect = ({ url, apiKey, runId, lastEventId, signal }, { onEvent, onBack }) =>
  new Promise((resolve) => {
    const input = encodeURIComponent(JSON.stringify({ runId, lastEventId }))
    const headers = { authorization: `Bearer ${apiKey}`, accept: 'text/event-stream' }
    let told
    const request = get(`${url}/api/trpc/chat.stream?input=${input}`, { headers, agent: false, signal }, (response) => {
      if (response.statusCode !== 200) {
        response.resume()
        resolve(`refused ${response.statusCode}`)
        return
      }
      onBack()
      let rest = ''
      response.setEncoding('utf8')
      response.on('data', (text) => {
        const blocks = (rest + text).split('\n\n')
        rest = blocks.pop()
        for (const block of blocks) {
          const data = /^data: (\{.*)$/m.exec(block)?.[1]
          const event = data === undefined ? undefined : JSON.parse(data)
          if (typeof event?.type !== 'string' || told !== undefined) continue
          if (event.type === 'move') told = 'move'
          else onEvent(event)
          if (event.type === 'end') told = 'end'
        }
        if (told !== undefined) request.destroy()
      })
      response.on('close', () => resolve(told ?? 'broken'))
    })
    request.on('error', () => resolve(told ?? 'broken'))
  })

/**
 * Reads an answer to its end as the browser does, over as many connections as that takes.
 *
 * @param {{ url: string, apiKey: string, runId: string, signal: AbortSignal }} run
 * @param {{ onOpen?: (why: string) => void }} [watch] called when a connection is opened: `first`, `move`, `broken`, `refused …`
 * @returns {Promise<{ events: object[], gaps: { why: string, ms: number }[] }>} `gaps`: from the end of each connection until
 *   the next one is answered
 */
export const readAnswer = async ({ url, apiKey, runId, signal }, { onOpen = () => {} } = {}) => {
  const events = []
  const gaps = []
  let why = 'first'
  let idle = 0
  let lostAt
  while (!signal.aborted) {
    onOpen(why)
    const lastEventId = events.length === 0 ? null : String(events.at(-1).id)
    const onBack = () => {
      if (lostAt !== undefined) gaps.push({ ...lostAt, ms: Date.now() - lostAt.at })
      lostAt = undefined
    }
    const onEvent = (event) => {
      idle = 0
      events.push(event)
    }
    why = await connect({ url, apiKey, runId, lastEventId, signal }, { onEvent, onBack })
    if (why === 'end') break
    lostAt ??= { why, at: Date.now() }
    const waitMs =
      why === 'move'
        ? Math.random() * MOVE_SPREAD_MS
        : Math.min(AGAIN_AT_MOST_MS, AGAIN_MS * 2 ** idle++) * (0.5 + Math.random())
    await pause(waitMs, undefined, { signal }).catch(() => {})
  }
  return { events, gaps }
}

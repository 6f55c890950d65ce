import { setTimeout as pause } from 'node:timers/promises'

/** Longer than any answer here takes: a reader that waits for more is stuck, and says so. */
const MOST_MS = 90_000
/** Between two tries while nobody answers: the servers are killed, after all. */
const AGAIN_MS = 200

const blocksOf = async function* (response) {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of response.body) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n\n')
    rest = parts.pop()
    yield* parts
  }
}

/** One connection: the events after `lastEventId`, as long as `wanted` says that more are. Throws what breaks it. */
const connect = async ({ url, apiKey, runId, lastEventId, signal }, wanted) => {
  const input = encodeURIComponent(JSON.stringify({ runId, lastEventId }))
  const headers = { authorization: `Bearer ${apiKey}`, accept: 'text/event-stream' }
  const leave = new AbortController()
  const response = await fetch(`${url}/api/trpc/chat.stream?input=${input}`, {
    headers,
    signal: AbortSignal.any([signal, leave.signal]),
  })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  try {
    for await (const block of blocksOf(response)) {
      const id = /^id: (\d+)$/m.exec(block)?.[1]
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (id === undefined || data === undefined) continue
      if (!wanted(JSON.parse(data))) return
    }
  } finally {
    leave.abort()
  }
}

/**
 * Reads an answer to its end, or until `leave` says so, over as many connections as that takes. `urlOf` names a server for
 * each of them, `cut` says after which event to break it off.
 *
 * @returns {Promise<{ events: object[], at: number[], connections: number }>} `at`: milliseconds of the epoch of each
 */
export const follow = async ({ apiKey, runId, urlOf, cut = () => false, leave = () => false }) => {
  const events = []
  const at = []
  let connections = 0
  const signal = AbortSignal.timeout(MOST_MS)
  const isOver = () => events.at(-1)?.type === 'end' || leave(events)
  while (!isOver()) {
    signal.throwIfAborted()
    connections++
    let broke = false
    const lastEventId = events.length === 0 ? null : String(events.at(-1).id)
    await connect({ url: urlOf(), apiKey, runId, lastEventId, signal }, (event) => {
      if (event.type === 'move') return false
      events.push(event)
      at.push(Date.now())
      return !isOver() && !cut(events)
    }).catch(() => {
      broke = true
    })
    if (broke && !isOver()) await pause(AGAIN_MS)
  }
  return { events, at, connections }
}

/** What is on the screen after these events. */
export const shownBy = (events) => {
  let shown = { text: '', citations: [] }
  for (const event of events) {
    if (event.type === 'reset') shown = { text: event.text ?? '', citations: [...(event.citations ?? [])] }
    else if (event.type === 'text') shown.text += event.delta
    else if (event.type === 'citation') shown.citations.push(event.citation)
  }
  return { ...shown, text: shown.text.trimEnd() }
}

/** Events that do not come right after the one before, other than by a reset; and ids that came before. */
export const faultsOf = (events) => {
  let gaps = 0
  let repeats = 0
  let seen = 0
  for (const { id, type } of events) {
    if (id <= seen) repeats++
    else if (id !== seen + 1 && type !== 'reset') gaps++
    seen = Math.max(seen, id)
  }
  return { gaps, repeats }
}

import { Agent, request } from 'node:http'

/** As many as a crowd's browsers would hold open towards the balancer. */
const CONNECTIONS = 50
const TIMEOUT_MS = 30_000
const KEPT = 10

/** The mix, by its number: mostly reads, as people do; every tenth one changes something, and may not be sent twice. */
const mixOf = (conversationIds) => [
  ...Array.from({ length: 12 }, () => ({ path: 'documents.list', input: { limit: 20 } })),
  ...Array.from({ length: 4 }, () => ({ path: 'session.me' })),
  ...Array.from({ length: 2 }, () => ({ path: 'search.query', input: { query: 'mast torque' } })),
  ...[0, 1].map((i) => ({ path: 'conversations.rename', body: { id: conversationIds[i], title: `Roll ${i}` } })),
]

/**
 * Requests at an even rate, whatever becomes of them, over connections that are kept open.
 *
 * @param {{ url: string, apiKey: string, perSecond: number, conversationIds: string[] }} options `conversationIds`: two that are renamed again and again
 */
export const startRequests = ({ url, apiKey, perSecond, conversationIds }) => {
  const mix = mixOf(conversationIds)
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const counts = { sent: 0, answered: 0, resets: 0, serverErrors: 0, refused: 0, slowestMs: 0 }
  const samples = []
  const open = new Set()
  const fault = (kind, what) => {
    counts[kind]++
    if (samples.length < KEPT) samples.push(`${new Date().toISOString()} ${what}`)
  }

  const send = ({ path, input, body }) => {
    counts.sent++
    const startedAt = performance.now()
    const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
    const done = new Promise((resolve) => {
      const outgoing = request(
        `${url}/api/trpc/${path}${query}`,
        {
          ...{ agent, timeout: TIMEOUT_MS, method: body === undefined ? 'GET' : 'POST' },
          headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (part) => (text += part))
          response.on('end', () => {
            const { statusCode } = response
            if (statusCode >= 500) fault('serverErrors', `${path}: ${statusCode} ${text.slice(0, 200)}`)
            else if (statusCode >= 400) fault('refused', `${path}: ${statusCode} ${text.slice(0, 200)}`)
            else counts.answered++
            counts.slowestMs = Math.max(counts.slowestMs, Math.round(performance.now() - startedAt))
            resolve()
          })
          response.on('error', (error) => {
            fault('resets', `${path}: ${error.code ?? error.message} in the answer`)
            resolve()
          })
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
      outgoing.on('error', (error) => {
        fault('resets', `${path}: ${error.code ?? error.message}`)
        resolve()
      })
      outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    })
    open.add(done)
    void done.finally(() => open.delete(done))
  }

  const startedAt = performance.now()
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * perSecond
    while (counts.sent < due) send(mix[(counts.sent * 7) % mix.length])
  }, 5)

  return {
    figures: () => ({ ...counts }),
    samples,
    /** Ends, and waits for what is under way. */
    stop: async () => {
      clearInterval(timer)
      await Promise.all(open)
      agent.destroy()
      return { ...counts }
    },
  }
}

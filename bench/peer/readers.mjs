// People who ask a question each and read its answer as it is written, of us or of the peer. In a process of its own;
// told whom to ask and how many there are, it says what became of them: how late tokens came (each says when it was
// sent), and how long the first one took from the question on.
import { Agent, request } from 'node:http'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'

const agent = new Agent({ keepAlive: true, maxSockets: Infinity })

/** A request; `take` is given each piece of its body. Resolves at its end with status and body. */
const send = (url, { method = 'GET', headers = {}, body }, take) =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece) => (take === undefined ? (text += piece) : take(piece)))
      response.on('end', () => resolve({ status: response.statusCode, text }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })

const json = { 'content-type': 'application/json' }
const QUESTION = 'What does the third document say of it?'

/** Each opens a stream of an answer and returns when it has ended. */
const ASK = {
  ours: async ({ url, headers }, take) => {
    const asked = await send(`${url}/api/trpc/chat.send`, {
      method: 'POST',
      headers: { ...headers, ...json },
      body: JSON.stringify({ text: QUESTION, idempotencyKey: randomUUID() }),
    })
    if (asked.status !== 200) throw new Error(`chat.send: ${asked.status} ${asked.text}`)
    const input = encodeURIComponent(
      JSON.stringify({ runId: JSON.parse(asked.text).result.data.runId, lastEventId: null }),
    )
    return send(
      `${url}/api/trpc/chat.stream?input=${input}`,
      { headers: { ...headers, accept: 'text/event-stream' } },
      take,
    )
  },
  peer: ({ url, headers }, take) =>
    send(
      `${url}/chat`,
      { method: 'POST', headers: { ...headers, ...json }, body: JSON.stringify({ question: QUESTION }) },
      take,
    ),
}

/** One answer. What comes outside of `from` and `to` is not counted: then others are still coming, or going. */
const readAnswer = async (side, { from, to }, said) => {
  const askedAt = performance.now()
  let tokens = 0
  let firstMs = 0
  let steps = 1
  let rest = ''
  const { status } = await ASK[side.kind](side, (piece) => {
    const now = Date.now()
    const parts = (rest + piece).split('\n')
    rest = parts.pop()
    for (const part of parts) {
      // How often the model was asked: each time it takes its own time to begin.
      if (part.includes('"type":"end"')) steps = Number(/"steps":(\d+)/.exec(part)?.[1] ?? 1)
      for (const [, sentAt] of part.matchAll(/ t(\d{13})/g)) {
        if (tokens++ === 0) firstMs = performance.now() - askedAt
        if (now >= from && now < to) said.delays.push(now - Number(sentAt))
      }
    }
  })
  said.ownFirstMs.push(firstMs - steps * side.ttftMs)
  if (status !== 200 || tokens < side.tokens) said.faults.push(`status ${status}, ${tokens} tokens`)
}

const TASKS = {
  read: async ({ side, streams, overMs, settleMs, measuredMs }) => {
    const said = { delays: [], ownFirstMs: [], faults: [] }
    const from = Date.now() + overMs + settleMs
    const during = { from, to: from + measuredMs }
    await Promise.all(
      Array.from({ length: streams }, async (_, i) => {
        await pause((overMs * i) / streams)
        await readAnswer(side, during, said).catch((error) => said.faults.push(String(error)))
      }),
    )
    return { ...said, faultCount: said.faults.length, faults: said.faults.slice(0, 3) }
  },
}

process.on('message', (task) => {
  void TASKS[task.what](task).then((said) => process.send(said))
})
process.once('disconnect', () => process.exit())

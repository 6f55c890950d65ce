// A double of the model and embedding provider in a process of its own: OpenAI's wire protocol, cheap enough to stand
// beside what is measured (hundreds of answers at once on a part of one core). The model's name says how it behaves:
// `mock-ttft300-itl20-len60` (see provider/model-name.mjs).
//
//   node bench/load/provider.mjs [--port 0]      prints {"baseUrl":"http://127.0.0.1:<port>/v1"} and runs until SIGTERM;
//                                                forked, it sends { port } instead and ends with its parent
//   POST /v1/chat/completions · POST /v1/embeddings · GET /v1/models · GET /stats
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { answerChat, chatStats } from './provider/chat.mjs'
import { embed } from './provider/embeddings.mjs'
import { ticks } from './provider/ticks.mjs'

/** The product's own bodies have a tenth of it: a history, tools and eight passages. */
const MAX_BODY_BYTES = 4_000_000
const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })

const json = (response, status, body) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
const refuse = (response, status, message) =>
  json(response, status, { error: { message, type: 'double', param: null, code: null } })

const POSTS = {
  '/v1/chat/completions': answerChat,
  '/v1/embeddings': (body, response) => embed(body, (text) => json(response, 200, text)),
}

/** What has been asked and answered so far, and how late the answers' own clock is. */
const stats = () => {
  const { user, system } = process.cpuUsage()
  return { ...chatStats(), ...ticks.lateness(), cpuSeconds: (user + system) / 1e6 }
}

const server = createServer((request, response) => {
  if (request.method === 'GET' && request.url === '/stats') return json(response, 200, stats())
  if (request.method === 'GET' && request.url === '/v1/models') return json(response, 200, { object: 'list', data: [] })
  const answer = request.method === 'POST' ? POSTS[request.url] : undefined
  if (answer === undefined) return refuse(response, 404, `No ${request.method} ${request.url}`)
  const pieces = []
  let bytes = 0
  request.on('data', (piece) => {
    bytes += piece.length
    if (bytes > MAX_BODY_BYTES) request.destroy()
    else pieces.push(piece)
  })
  request.on('end', () => {
    try {
      answer(JSON.parse(Buffer.concat(pieces)), response)
    } catch (error) {
      // A request that a provider would not take is seen as one: nothing of the protocol is guessed.
      if (response.headersSent) response.destroy()
      else refuse(response, 400, error.message)
    }
  })
})
// Longer than any caller keeps a connection that it does not use: it is the caller who closes it, never in the middle of
// a request. No deadlines: an answer may take as long as its name says.
Object.assign(server, { keepAliveTimeout: 120_000, requestTimeout: 0, headersTimeout: 60_000 })

server.listen(Number(values.port), '127.0.0.1', () => {
  const { port } = server.address()
  if (process.send === undefined) console.log(JSON.stringify({ baseUrl: `http://127.0.0.1:${port}/v1` }))
  else process.send({ port })
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => process.exit())

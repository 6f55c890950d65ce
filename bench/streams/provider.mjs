// A model at 25 tokens a second, over the wire protocol that the product speaks. Each token says when it was sent, so that
// whoever reads the answer knows how long it was under way. Listens on a free port, which it tells its parent.
import { createServer } from 'node:http'

const TOKEN_MS = 40
const tokens = Number(process.argv[2])

const server = createServer((request, response) => {
  request.resume().once('end', () => answer(response))
})

const answer = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (choice, extra = {}) =>
    response.write(
      `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'ticking', choices: [{ index: 0, ...choice }], ...extra })}\n\n`,
    )
  let sent = 0
  const timer = setInterval(() => {
    if (sent++ < tokens) return send({ delta: { role: 'assistant', content: ` t${Date.now()}` }, finish_reason: null })
    clearInterval(timer)
    const usage = { prompt_tokens: 1, completion_tokens: tokens, total_tokens: tokens + 1 }
    send({ delta: {}, finish_reason: 'stop' }, { usage })
    response.end('data: [DONE]\n\n')
  }, TOKEN_MS)
  response.once('close', () => clearInterval(timer))
}

server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.once('disconnect', () => process.exit())

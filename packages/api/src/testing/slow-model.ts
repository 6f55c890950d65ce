import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { WebCoreEnv } from '@quarry/core/web'
import type { TestDatabase } from '@quarry/db/testing'
import { testEnvironment } from './environment.ts'

export interface SlowModel {
  readonly baseUrl: string
  /** Requests that reached the model. */
  requests(): number
  /** From now on it searches for these words first, wherever no search was made yet. */
  search(query: string): void
  /** What it says from now on, before the number of the word. */
  say(word: string): void
  /** Says nothing more in the middle of every answer, until `finish`. */
  hang(): void
  /** Lets answers come to their end. */
  finish(): void
  close(): Promise<void>
}

/** How long the model thinks about the next word. */
const WORD_MS = 5

/** An OpenAI-compatible endpoint that answers "word 1 word 2 …" without end, until `finish` is called. */
export const startSlowModel = async (): Promise<SlowModel> => {
  let requests = 0
  let finished = false
  let hangs = false
  let said = 'word'
  let query: string | null = null
  const server = createServer((request, response) => {
    requests++
    void text(request).then((asked) => reply(asked, response))
  })
  const reply = (asked: string, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (delta: object, finishReason: string | null) =>
      response.write(
        `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 0, model: 'slow', choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`,
      )
    if (query !== null && !asked.includes('"role":"tool"')) {
      const call = { name: 'search_documents', arguments: JSON.stringify({ query }) }
      send({ tool_calls: [{ index: 0, id: 'call-1', type: 'function', function: call }] }, null)
      send({}, 'tool_calls')
      response.end('data: [DONE]\n\n')
      return
    }
    let word = 0
    const timer = setInterval(() => {
      if (hangs && !finished) return
      if (!finished) return void send({ content: `${said} ${++word} ` }, null)
      clearInterval(timer)
      send({}, 'stop')
      response.end('data: [DONE]\n\n')
    }, WORD_MS)
    response.on('close', () => clearInterval(timer))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests: () => requests,
    search: (words) => {
      query = words
    },
    say: (word) => {
      said = word
    },
    hang: () => {
      hangs = true
    },
    finish: () => {
      finished = true
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A web process as `testEnvironment` makes it, which asks this model. */
export const slowModelEnvironment = (database: TestDatabase, folder: string, model: SlowModel): WebCoreEnv => {
  const env = testEnvironment(database, folder)
  const llm = { kind: 'openai-compatible', baseUrl: model.baseUrl, apiKey: 'k', model: 'slow' } as const
  return { ...env, adapters: { ...env.adapters, llm } }
}

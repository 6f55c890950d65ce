import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { EndpointAdapter } from '../remote/endpoint-model.ts'

/** What the next request gets instead of vectors; then the one after it. */
export type Behaviour =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'dimension'; readonly dimension: number }
  | { readonly kind: 'body'; readonly body: string }
  /** Never answers. */
  | { readonly kind: 'silence' }

/** OpenAI, "Create embeddings": https://platform.openai.com/docs/api-reference/embeddings/create */
const request = z.object({
  model: z.string(),
  input: z.array(z.string()),
  encoding_format: z.enum(['float', 'base64']).optional(),
})

/**
 * A server that speaks OpenAI's embeddings protocol. A text's vector is how often it says each of `words`, so that a test
 * decides what is near to what, with a last number that is never 0.
 */
export async function startEmbeddingsServer(words: readonly string[]) {
  const asked: string[] = []
  const next: Behaviour[] = []
  const requests = { count: 0, keys: new Set<string | undefined>() }
  const server = createServer((incoming, answer) => {
    requests.count++
    requests.keys.add(incoming.headers.authorization)
    void respond(incoming, answer).catch(() => answer.destroy())
  })

  const respond = async (incoming: IncomingMessage, answer: ServerResponse) => {
    const behaviour = next.shift()
    if (behaviour?.kind === 'silence') return
    if (behaviour?.kind === 'status') {
      answer.writeHead(behaviour.status, { 'content-type': 'application/json', ...behaviour.headers })
      answer.end(JSON.stringify({ error: { message: 'no', type: 'test', code: null } }))
      return
    }
    const { input, model } = request.parse(JSON.parse(await textOf(incoming)))
    asked.push(...input)
    const data = input.map((text, index) => ({
      object: 'embedding',
      index,
      embedding:
        behaviour?.kind === 'dimension' ? Array.from({ length: behaviour.dimension }, () => 1) : vectorFor(text, words),
    }))
    answer.writeHead(200, { 'content-type': 'application/json' })
    answer.end(
      behaviour?.kind === 'body'
        ? behaviour.body
        : JSON.stringify({ object: 'list', data, model, usage: { prompt_tokens: 1, total_tokens: 1 } }),
    )
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const adapter: EndpointAdapter = {
    kind: 'openai-compatible',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey: 'secret',
    model: 'words',
    weight: null,
  }
  return {
    adapter,
    /** `host:port/words@…`: the dimension is one more than there are words. */
    id: `127.0.0.1:${port}/words@${words.length + 1}`,
    /** Texts that got vectors. */
    asked,
    requests,
    /** What the next requests get. */
    next,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export type EmbeddingsServer = Awaited<ReturnType<typeof startEmbeddingsServer>>

const vectorFor = (text: string, words: readonly string[]) => [
  ...words.map((word) => text.toLowerCase().split(word).length - 1),
  0.1,
]

const textOf = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

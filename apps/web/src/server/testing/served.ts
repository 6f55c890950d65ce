import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
// What Next itself pipes a route's answer with: a socket that stands still has to be felt through it.
import { pipeToNodeResponse } from 'next/dist/server/pipe-readable.js'
import { arrive } from '../arrival.ts'
import { handleTrpc } from '../trpc-mount.ts'

export interface Served {
  readonly port: number
  /** Connections that are open. */
  connections(): Promise<number>
  close(): Promise<void>
}

/** Who is asked before the mount is, and answers or says false. */
type First = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

/** The API on a port, as Next serves it; behind `first` as behind the entry. */
export const serveTrpc = async (first: First = () => Promise.resolve(false)): Promise<Served> => {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    arrive(request, response)
    if (!(await first(request, response))) await answer(request, response)
  }
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value))
  const {
    status,
    body,
    headers: answered,
  } = await handleTrpc(new Request(`http://${headers.get('host')}${request.url}`, { headers, signal: gone.signal }))
  response.writeHead(status, Object.fromEntries(answered))
  if (body === null) response.end()
  else await pipeToNodeResponse(body, response)
}

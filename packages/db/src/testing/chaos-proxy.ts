import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What a server on the other side of a network can do to us. */
export type Behaviour =
  | 'pass'
  /** Closes cleanly when the first packet of a new connection comes (postgres.js #1193). */
  | 'close at start-up'
  /** Closes cleanly in the middle of the handshake, when the server has spoken for the first time. */
  | 'close in the handshake'
  | 'reset'
  /** Connections are accepted and nothing comes through; those that are open now stay silent for good. */
  | 'fall silent'

export interface ChaosProxy {
  readonly port: number
  /** Counts on: connections that were made to it. */
  readonly connects: number
  behave(behaviour: Behaviour): void
  /** Sends new connections to another server. */
  lead(to: { readonly host: string; readonly port: number }): void
  /** Cuts every open connection. */
  cut(): void
  close(): Promise<void>
}

/** Stands between us and a server, on a free port of the loopback. */
export const startChaosProxy = async (target: {
  readonly host: string
  readonly port: number
}): Promise<ChaosProxy> => {
  let to = target
  let behaviour: Behaviour = 'pass'
  let connects = 0
  const sockets = new Set<Socket>()
  const silenced = new WeakSet<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }

  const server = createServer((socket) => {
    connects++
    keep(socket)
    if (behaviour === 'reset') socket.resetAndDestroy()
    else if (behaviour === 'close at start-up') socket.once('data', () => socket.end())
    else if (behaviour === 'fall silent') socket.resume()
    else {
      const upstream = connect(to.port, to.host)
      keep(upstream)
      // Its bytes are lost, as on a network that drops them, and its end is not heard of.
      const silent = () => silenced.has(socket)
      socket.on('data', (bytes: Buffer) => silent() || upstream.write(bytes))
      upstream.on('data', (bytes: Buffer) => {
        if (behaviour === 'close in the handshake') socket.end()
        else if (!silent()) socket.write(bytes)
      })
      socket.on('close', () => upstream.destroy())
      upstream.on('close', () => silent() || socket.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    get connects() {
      return connects
    },
    behave: (next) => {
      behaviour = next
      if (next === 'fall silent') for (const socket of sockets) silenced.add(socket)
    },
    lead: (other) => {
      to = other
    },
    cut,
    close: async () => {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}

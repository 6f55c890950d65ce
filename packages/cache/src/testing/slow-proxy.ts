import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What happens to what passes. `refuse` also ends what is open; `silence` leaves it open and passes nothing on. */
export type Passing = { readonly delayMs: number } | 'silence' | 'refuse'

export interface SlowProxy {
  readonly url: string
  /** From now on, for open connections too. */
  pass(how: Passing): void
  /** What came in silence is lost, and those connections stay silent for ever. */
  dropHeld(): void
  /** Connections that are open to it. */
  readonly open: number
  /** The most that were open at once. */
  readonly mostOpen: number
  /** Connections that were refused. */
  readonly refused: number
  close(): Promise<void>
}

/** A TCP proxy of the loopback in front of `port` that is slow, silent or not there, for tests. */
export const startSlowProxy = async (port: number): Promise<SlowProxy> => {
  let how: Passing = { delayMs: 0 }
  let mostOpen = 0
  let refused = 0
  const sockets = new Set<Socket>()
  const dead = new WeakSet<Socket>()
  const held: (() => void)[] = []

  /** In order, each part after the delay of the moment that it came in; what came in silence passes when that ends. */
  const pipe = (from: Socket, to: Socket) => {
    from.on('data', (part) => {
      if (dead.has(from) || dead.has(to)) return
      const write = () => void to.write(part)
      if (how === 'silence') held.push(write)
      else if (how !== 'refuse' && how.delayMs === 0) write()
      else setTimeout(write, how === 'refuse' ? 0 : how.delayMs)
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }

  const server = createServer((client) => {
    if (how === 'refuse') {
      refused++
      client.resetAndDestroy()
      return
    }
    const upstream = connect(port, '127.0.0.1')
    sockets.add(client)
    mostOpen = Math.max(mostOpen, sockets.size)
    pipe(client, upstream)
    pipe(upstream, client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `redis://127.0.0.1:${address.port}`,
    pass: (next) => {
      how = next
      if (how === 'refuse') for (const socket of sockets) socket.resetAndDestroy()
      if (how !== 'silence') for (const write of held.splice(0)) write()
    },
    dropHeld: () => {
      held.length = 0
      for (const socket of sockets) dead.add(socket)
    },
    get open() {
      return [...sockets].filter((socket) => !socket.destroyed).length
    },
    get mostOpen() {
      return mostOpen
    },
    get refused() {
      return refused
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

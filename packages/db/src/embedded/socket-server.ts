import type { PGlite } from '@electric-sql/pglite'
import { createServer, type Server, type Socket } from 'node:net'
import { SessionQueue } from './session-queue.ts'
import { ClientFrames, ReadyWatch, simpleQuery, SYNC } from './wire-frames.ts'

/** More than all pools of one machine together; beyond it something leaks. */
const MAX_CONNECTIONS = 200
/** A holder that says nothing for so long blocks everybody: idle_in_transaction_session_timeout, which does nothing here. */
const IDLE_HOLDER_MS = 15_000

/**
 * Serves PGlite to many connections. PGlite has one session, so a connection has it to itself from its first message
 * until the server is ready for the next query outside a transaction. (@electric-sql/pglite-socket hands it over
 * between any two messages: of 800 concurrent parametrised queries 796 got another connection's rows.)
 */
export class SocketServer {
  readonly #db: PGlite
  readonly #onFatal: (error: unknown) => void
  readonly #session = new SessionQueue<object>()
  readonly #connections = new Set<Connection>()
  readonly #server: Server

  /** `onFatal`: PGlite itself broke; nothing can be trusted any more and the process should end. */
  constructor(db: PGlite, onFatal: (error: unknown) => void) {
    this.#db = db
    this.#onFatal = onFatal
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.maxConnections = MAX_CONNECTIONS
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(path, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  /** Some connection has the session, or waits for it. */
  get isBusy(): boolean {
    return this.#session.isBusy
  }

  /** A statement of the server's own, when its turn comes; as superuser, outside any transaction. */
  async query<Row>(sql: string): Promise<Row[]> {
    const holder = {}
    await this.#session.take(holder)
    try {
      return (await this.#db.query<Row>(sql)).rows
    } finally {
      this.#session.release(holder)
    }
  }

  /** Cuts every connection and waits until what they left behind is rolled back. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const connections = [...this.#connections]
    for (const connection of connections) connection.socket.destroy()
    await closed
    await Promise.all(connections.map((connection) => connection.settled))
  }

  #accept(socket: Socket): void {
    const connection: Connection = {
      socket,
      frames: new ClientFrames(),
      watch: new ReadyWatch(),
      idleTimer: undefined,
      settled: Promise.resolve(),
    }
    this.#connections.add(connection)
    const next = (work: () => Promise<void>) => {
      connection.settled = connection.settled.then(work).catch((error: unknown) => this.#onFatal(error))
    }
    socket.on('data', (bytes) => {
      clearTimeout(connection.idleTimer)
      connection.frames.push(bytes)
      next(() => this.#serve(connection))
    })
    // A reset by the client; 'close' follows and cleans up.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(connection.idleTimer)
      this.#session.leave(connection)
      next(() => this.#cleanUp(connection))
    })
  }

  /** Runs every whole message that has arrived, in order, taking and giving back the session between exchanges. */
  async #serve(connection: Connection): Promise<void> {
    const { socket, watch } = connection
    while (!socket.destroyed) {
      const frame = nextFrame(connection)
      if (frame === null) break
      if (frame.kind === 'encryption') {
        socket.write('N')
        continue
      }
      if (frame.kind === 'cancel' || frame.kind === 'terminate') {
        socket.end()
        return
      }
      if (!(await this.#session.take(connection))) return
      await this.#run(frame.bytes, (chunk) => {
        watch.push(chunk)
        socket.write(Buffer.from(chunk))
      })
      if (watch.status === 'I') this.#session.release(connection)
    }
    if (this.#session.holds(connection)) connection.idleTimer = setTimeout(() => socket.destroy(), IDLE_HOLDER_MS)
  }

  async #cleanUp(connection: Connection): Promise<void> {
    clearTimeout(connection.idleTimer)
    this.#connections.delete(connection)
    if (!this.#session.holds(connection)) return
    const { watch } = connection
    const quietly = (bytes: Buffer) => this.#run(bytes, (chunk) => watch.push(chunk))
    await quietly(SYNC)
    if (watch.status !== 'I') await quietly(simpleQuery('rollback'))
    this.#session.release(connection)
  }

  #run(message: Buffer, onRawData: (chunk: Uint8Array) => void): Promise<void> {
    return this.#db.runExclusive(() => this.#db.execProtocolRawStream(new Uint8Array(message), { onRawData }))
  }
}

interface Connection {
  readonly socket: Socket
  readonly frames: ClientFrames
  readonly watch: ReadyWatch
  idleTimer: NodeJS.Timeout | undefined
  /** Ends when everything received so far has been dealt with. */
  settled: Promise<void>
}

const nextFrame = (connection: Connection) => {
  try {
    return connection.frames.next()
  } catch {
    connection.socket.destroy()
    return null
  }
}

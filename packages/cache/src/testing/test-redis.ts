import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { RedisAdapter } from '@quarry/config'
import { readTestRedisServer } from '@quarry/config'

export interface TestRedis {
  readonly adapter: RedisAdapter
  readonly port: number
  /** Ends the process without a word, as a crash does. */
  kill(): Promise<void>
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>
  /** Stops the process in its tracks (SIGSTOP): connections stay open and nothing answers. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

const START_MS = 10_000

/** A Redis of its own for one test file, on a free port of the loopback, without any file; it starts in about 20 ms. */
export const startTestRedis = async (): Promise<TestRedis> => {
  const port = await freePort()
  let child = await start(port)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return {
    adapter: { url: `redis://127.0.0.1:${port}`, maxConnections: 4 },
    port,
    kill,
    restart: async () => {
      await kill()
      child = await start(port)
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    close: kill,
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  await once(server, 'close')
  return address.port
}

const start = async (port: number): Promise<ChildProcess> => {
  const options = { port, bind: '127.0.0.1', save: '', appendonly: 'no', 'maxmemory-policy': 'volatile-lru' }
  const child = spawn(
    readTestRedisServer(),
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let log = ''
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Redis did not start:\n${log}`)), START_MS)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`Redis ended:\n${log}`)))
    child.stdout.on('data', (part: Buffer) => {
      log += part.toString()
      if (!log.includes('Ready to accept connections')) return
      clearTimeout(timer)
      child.removeAllListeners('exit')
      resolve()
    })
  })
  return child
}

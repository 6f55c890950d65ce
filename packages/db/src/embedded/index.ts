import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { readAdapters, type DatabaseAdapter } from '@quarry/config'
import { answers, socketIn } from './socket-folder.ts'

export { copyEmbeddedFiles } from './copy-files.ts'

export interface EmbeddedDatabase {
  readonly adapter: DatabaseAdapter & { kind: 'embedded' }
  readonly pid: number
  /** SIGTERM, and waits for the end. Afterwards the same folder can be started again. */
  stop(): Promise<void>
  /** SIGKILL, and waits for the end: what a crash looks like. */
  kill(): Promise<void>
}

/** Whether a database listens on the socket now. */
export const isServed = (adapter: DatabaseAdapter & { kind: 'embedded' }): Promise<boolean> =>
  answers(socketIn(adapter.socketDir))

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Starts the embedded database on a data folder, as boot does, and waits until it serves. For tests and tools. */
export const startEmbedded = async (dataDir: string): Promise<EmbeddedDatabase> => {
  const { database } = readAdapters({ QUARRY_DATA: dataDir })
  if (database.kind !== 'embedded') throw new TypeError('not the embedded database')
  const child = fork(MAIN, {
    env: { NODE_ENV: 'production', QUARRY_DATA: dataDir },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaint = ''
  child.stderr?.on('data', (text: Buffer) => (complaint += text.toString()))
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code) => reject(new Error(`the embedded database ended with ${code}: ${complaint}`)))
  })
  return {
    adapter: database,
    pid: child.pid ?? 0,
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  }
}

const end = async (child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

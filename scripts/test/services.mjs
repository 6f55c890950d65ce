// A PostgreSQL with pgvector for a developer's own test runs; `npm test` starts and stops its own.
//   node scripts/test/services.mjs postgres   starts it in the background, or finds it running, and prints its address
//   node scripts/test/services.mjs stop       stops it
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { cacheFolder } from '../services/cache-folder.mjs'
import { keepRunning, stopCluster } from './postgres-cluster.mjs'
import { startPostgres } from './postgres.mjs'

const stateFile = path.join(cacheFolder(), 'test-postgres.json')

const answers = (url) =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port || 5432), hostname)
    socket.setTimeout(1000, () => socket.destroy(new Error('too slow')))
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('connect', () => socket.end())
  })

const running = async () => {
  if (!existsSync(stateFile)) return undefined
  const state = JSON.parse(readFileSync(stateFile, 'utf8'))
  return (await answers(state.url)) ? state : undefined
}

const start = async () => {
  const found = await running()
  if (found !== undefined) return found
  const server = await startPostgres((message) => console.error(message))
  if (server.folder !== undefined) {
    keepRunning(server.folder)
    writeFileSync(stateFile, JSON.stringify({ url: server.url, folder: server.folder }), { mode: 0o600 })
  }
  return server
}

const stop = async () => {
  if (!existsSync(stateFile)) return
  const { folder } = JSON.parse(readFileSync(stateFile, 'utf8'))
  await stopCluster(folder)
  rmSync(stateFile)
}

const task = process.argv[2]
try {
  if (task === 'postgres') {
    const { url } = await start()
    console.log(`TEST_DATABASE_URL=${url}`)
    console.error('Stop it with: node scripts/test/services.mjs stop')
  } else if (task === 'stop') await stop()
  else {
    console.error('Usage: node scripts/test/services.mjs postgres | stop')
    process.exitCode = 1
  }
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

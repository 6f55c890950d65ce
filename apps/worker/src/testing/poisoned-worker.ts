import { createWorkerCore } from '@quarry/core/worker'
import type { JobContext } from '@quarry/jobs'
import { createLogger } from '@quarry/observability'
import { readWorkerEnv } from '../env.ts'
import { lanesOf } from '../lanes.ts'
import { handlersOf } from '../tasks/index.ts'
import { startWatchdog } from '../watchdog.ts'
import { startWorker } from '../worker.ts'

/**
 * A worker process like main.ts, in which one job ends the process: the version in argv[2], its n-th attempt in the n-th of
 * the ways in argv[3], and any attempt after them as it should. Its watchdog waits for argv[4] ms. To be forked by tests.
 */
const WAYS: Readonly<Record<string, () => void>> = {
  segfault: () => process.kill(process.pid, 'SIGSEGV'),
  memory: () => {
    const kept: unknown[] = []
    for (;;) kept.push(Array.from({ length: 10_000 }, (_, i) => ({ i })))
  },
  loop: () => {
    for (;;);
  },
  throws: () => {
    throw new Error('again')
  },
}

const [poison, ways = '', stuckMs] = process.argv.slice(2)
const env = readWorkerEnv()
const logger = createLogger({ name: 'worker', level: env.logLevel })
const concurrency = 1
const core = createWorkerCore({ ...env, logger, queueRunners: lanesOf(concurrency).length })
const handlers = handlersOf(core)
const read = handlers['document.process']
const run = async (payload: Parameters<typeof read.run>[0], context: JobContext) => {
  if (payload.versionId !== poison) return read.run(payload, context)
  WAYS[ways.split(',')[(context.claim?.attempt ?? 0) - 1] ?? '']?.()
  return read.run(payload, context)
}
startWatchdog(Number(stuckMs))
const worker = startWorker({
  ...{ core, logger, concurrency },
  handlers: { ...handlers, 'document.process': { ...read, run } },
})
process.on('disconnect', () => process.exit(0))
await worker.ready
process.send?.({ type: 'ready' })

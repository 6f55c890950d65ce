import { AppConfigError } from '@quarry/config'
import { reasonOf, TransferRefusal } from '@quarry/core/seed'
import { readTransferEnv } from './env.ts'
import { runSeed } from './seed/run-seed.ts'

/** `quarry db seed`: boot starts this, with the data folder locked and `db` in front. Exits 0, 1, or 130 after Ctrl-C. */
const INTERRUPTED = 130

const [, task, ...argv] = process.argv.slice(2)
const stop = new AbortController()
const interrupt = () => {
  // The second time it ends at once.
  if (stop.signal.aborted) process.exit(INTERRUPTED)
  stop.abort(
    new TransferRefusal('Stopped. What was written by then is there: make the database again before you try again.'),
  )
}
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.on(event, interrupt)
// Boot keeps a channel to this process, so that it notices when boot is gone; it must not keep it alive.
process.channel?.unref()

try {
  if (task !== 'seed' && task !== '--help')
    throw new TransferRefusal('Usage: quarry db seed. See: quarry db seed --help')
  await runSeed(task === 'seed' ? argv : ['--help'], {
    env: readTransferEnv().env,
    signal: stop.signal,
    out: (text) => process.stdout.write(text),
    progress: process.stderr,
  })
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`)
  process.exitCode = stop.signal.aborted ? INTERRUPTED : 1
}

function sentenceOf(error: unknown): string {
  if (error instanceof TransferRefusal) return error.message
  if (error instanceof AppConfigError) return error.problems.join('; ')
  return `quarry db seed failed: ${reasonOf(error)}`
}

import { AppConfigError } from '@quarry/config'
import { reasonOf, TransferRefusal } from '@quarry/core/transfer'
import { readTransferEnv } from './env.ts'
import { TRANSFER_COMMANDS } from './transfer/commands.ts'
import { runTransfer } from './transfer/run.ts'
import { watchOnScreen } from './transfer/screen.ts'

/** `quarry backup`, `restore` and `move`: boot starts this with the data folder locked. Exits 0, 1, or 130 after Ctrl-C. */
const INTERRUPTED = 130

const [name, ...argv] = process.argv.slice(2)
const command = TRANSFER_COMMANDS.find((one) => one === name)
const stop = new AbortController()
let interrupted = false
const interrupt = () => {
  // The second time it ends at once; what is written by then can be gone on with.
  if (interrupted) process.exit(INTERRUPTED)
  interrupted = true
  stop.abort(new TransferRefusal('Stopped. Nothing that was there before has changed; add --resume to go on.'))
}
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.on(event, interrupt)
// Boot keeps a channel to this process, so that it notices when boot is gone; it must not keep it alive.
process.channel?.unref()

const watcher = watchOnScreen(process.stderr)
try {
  if (command === undefined) throw new TransferRefusal(`Usage: ${TRANSFER_COMMANDS.join(' | ')}`)
  await runTransfer(command, argv, {
    ...readTransferEnv(),
    watcher,
    signal: stop.signal,
    out: (text) => {
      watcher.clear()
      process.stdout.write(text)
    },
  })
} catch (error) {
  watcher.clear()
  process.stderr.write(`${sentenceOf(error)}\n`)
  process.exitCode = interrupted ? INTERRUPTED : 1
}

function sentenceOf(error: unknown): string {
  if (error instanceof TransferRefusal) return error.message
  if (error instanceof AppConfigError) return error.problems.join('; ')
  return `quarry ${command ?? ''} failed: ${reasonOf(error)}`
}

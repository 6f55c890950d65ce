import { readEnv } from './env.ts'
import { CommandFailure, INTERRUPTED_EXIT_CODE, oneLine } from './failure.ts'
import { runProgram } from './program.ts'
import { connect } from './server/connection.ts'
import type { Connection } from './server/connection.ts'
import { explainFailure } from './server/errors.ts'
import { makeTerminal } from './terminal/terminal.ts'

const env = readEnv()
const terminal = makeTerminal(process.stdout, process.stderr, { colour: env.colourAllowed })
const controller = new AbortController()
let interrupted = false

const interrupt = (): void => {
  // The first one lets the command clean up, the second one does not wait.
  if (interrupted) process.exit(INTERRUPTED_EXIT_CODE)
  interrupted = true
  controller.abort(new CommandFailure('Interrupted.', { exitCode: INTERRUPTED_EXIT_CODE }))
}
process.on('SIGINT', interrupt)
process.on('SIGTERM', interrupt)

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads has gone (`quarry search … | head -1`): there is nothing left to do, and nothing went wrong.
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
}

let connection: Promise<Connection> | null = null
const context = {
  env,
  terminal,
  signal: controller.signal,
  connect: () => (connection ??= connect(env, controller.signal)),
}

try {
  process.exitCode = await runProgram(context, process.argv.slice(2))
} catch (error) {
  const url =
    connection === null
      ? ''
      : await (connection as Promise<Connection>).then(
          ({ credentials }) => credentials.url,
          () => '',
        )
  const failure = interrupted
    ? new CommandFailure('Interrupted.', { exitCode: INTERRUPTED_EXIT_CODE })
    : explainFailure(error, url)
  terminal.note(`quarry: ${oneLine(failure.message)}`)
  process.exitCode = failure.exitCode
} finally {
  // Whatever still polls or waits in the background ends with the command.
  controller.abort()
  process.off('SIGINT', interrupt)
  process.off('SIGTERM', interrupt)
}

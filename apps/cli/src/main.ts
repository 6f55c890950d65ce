import type { CommandContext } from './command.ts'
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
const state: { interrupted: boolean; connection: Connection | null } = { interrupted: false, connection: null }

const interrupt = (): void => {
  // The first one lets the command clean up, the second one does not wait.
  if (state.interrupted) process.exit(INTERRUPTED_EXIT_CODE)
  state.interrupted = true
  controller.abort(new CommandFailure('Interrupted.', { exitCode: INTERRUPTED_EXIT_CODE }))
}
process.on('SIGINT', interrupt)
process.on('SIGTERM', interrupt)

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads has gone (`quarry search … | head -1`): there is nothing left to do, and nothing went wrong.
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
}

const context: CommandContext = {
  env,
  terminal,
  signal: controller.signal,
  connect: async () => (state.connection ??= await connect(env, controller.signal, (line) => terminal.note(line))),
}

try {
  process.exitCode = await runProgram(context, process.argv.slice(2))
} catch (error) {
  const explained = explainFailure(error, state.connection?.credentials.url ?? '')
  // After Ctrl-C whatever breaks is its consequence, unless the command has more to say about it.
  const failure =
    state.interrupted && explained.exitCode !== INTERRUPTED_EXIT_CODE
      ? new CommandFailure('Interrupted.', { exitCode: INTERRUPTED_EXIT_CODE })
      : explained
  terminal.note(`quarry: ${oneLine(failure.message)}`)
  process.exitCode = failure.exitCode
} finally {
  // Whatever still polls or waits in the background ends with the command.
  controller.abort()
  process.off('SIGINT', interrupt)
  process.off('SIGTERM', interrupt)
}

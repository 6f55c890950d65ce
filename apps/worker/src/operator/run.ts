import { readAdapters, readLimits, type Environment } from '@quarry/config'
import { printable } from '@quarry/contracts'
import { atDesk, withRunningDatabase } from '@quarry/core/operator'
import { readCommandLine } from './command-line.ts'
import { helpOf, type OperatorCommand } from './commands.ts'
import { flagLines, runFlags } from './flags.ts'
import { limitLines, runLimits } from './limits.ts'
import { machineUser } from './machine-user.ts'
import { operatorLines, runOperators } from './operators.ts'
import { organisationLines, runOrganisations } from './organisations.ts'

export interface OperatorCall {
  readonly env: Environment
  /** Another process has the data folder: nothing may be started on it. */
  readonly isHeld: boolean
  /** Result text. */
  readonly out: (text: string) => void
}

/** Runs one command line. Throws TransferRefusal with the one line that the person reads. */
export const runOperator = async (
  command: OperatorCommand,
  argv: readonly string[],
  call: OperatorCall,
): Promise<void> => {
  const line = readCommandLine(command, argv)
  if (line.values['help'] === true) return call.out(helpOf(command))
  const limits = readLimits(call.env)
  const { json, lines } = await withRunningDatabase(readAdapters(call.env), call.isHeld, (database) =>
    atDesk(database, machineUser(), async (desk) => {
      if (command === 'flags') {
        const json = await runFlags(desk, line)
        return { json, lines: flagLines(json) }
      }
      if (command === 'operators') {
        const json = await runOperators(desk, line)
        return { json, lines: operatorLines(json) }
      }
      if (command === 'organisations') {
        const json = await runOrganisations(desk, limits.workspaceDeletionHours, line)
        return { json, lines: organisationLines(json) }
      }
      const json = await runLimits(desk, limits, line)
      return { json, lines: limitLines(json) }
    }),
  )
  const said = line.action === 'list' ? [] : [json.changed ? DONE : NOTHING[command]]
  call.out(
    line.values['json'] === true
      ? `${JSON.stringify(json, null, 2)}\n`
      : printable(`${[...said, ...lines].join('\n')}\n`),
  )
}

const DONE = 'Done. It counts on every server within a second.'
const NOTHING: Readonly<Record<OperatorCommand, string>> = {
  flags: 'There was nothing to take away.',
  limits: 'The limits were the configured ones already.',
  operators: 'It was so already.',
  organisations: 'It was so already.',
}

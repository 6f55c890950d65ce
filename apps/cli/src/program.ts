import { nearest } from '@quarry/contracts'
import packageJson from '../package.json' with { type: 'json' }
import type { CommandContext } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import { CommandFailure } from './failure.ts'

const ABOUT = 'quarry: answers from your own documents, with citations'

/** Commands that boot runs itself, on the data: they never come here. */
const ON_THE_MACHINE = ['backup', 'restore', 'move', 'flags', 'limits', 'operators', 'organisations', 'db']

const overview = (): string => {
  const rows = COMMANDS.map(({ name, takes, summary }) => ({ left: `${name} ${takes}`.trim(), summary }))
  const width = Math.max(...rows.map(({ left }) => left.length))
  return [
    ABOUT,
    '',
    'Commands:',
    ...rows.map(({ left, summary }) => `  ${left.padEnd(width)}  ${summary}`),
    '',
    'On the machine that has the data: backup, restore and move copy a whole installation; flags and limits switch parts of it',
    'and limit single organisations, while it runs; operators says who sees to the whole of it,',
    'and organisations deletes a workspace.',
    '',
    'quarry <command> --help explains one of them. --version shows the version.',
    '',
    'QUARRY_URL and QUARRY_API_KEY say which server to use and as whom. Without them it is the one that `npm start` runs on',
    'this machine, by the credentials file in its data folder (QUARRY_DATA, else .quarry).',
    '',
    'Examples:',
    '  quarry ingest ./policies --wait',
    '  quarry ask "How many days of parental leave do we give?"',
    '',
  ].join('\n')
}

/** Runs one command line and resolves to its exit code; expected failures are thrown as CommandFailure. */
export const runProgram = async (context: CommandContext, argv: readonly string[]): Promise<number> => {
  const [first, ...rest] = argv
  const { terminal } = context
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    const about = first === 'help' ? COMMANDS.find(({ name }) => name === rest[0]) : undefined
    terminal.out(about?.help ?? overview())
    return 0
  }
  if (first === '--version' || first === '-v') {
    terminal.out(`${packageJson.version}\n`)
    return 0
  }
  const command = COMMANDS.find(({ name }) => name === first)
  if (command !== undefined) return command.run(context, rest)
  const guess = nearest(first, [...COMMANDS.map(({ name }) => name), ...ON_THE_MACHINE])
  const hint = guess === null ? 'See: quarry --help' : `Did you mean ${guess}?`
  throw new CommandFailure(
    first.startsWith('-') ? `The command comes first. ${hint}` : `There is no command ${first}. ${hint}`,
  )
}

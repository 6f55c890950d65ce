import { parseArgs } from 'node:util'
import { nearest } from '@quarry/contracts'
import { TransferRefusal } from '@quarry/core/operator'
import { ACTIONS, COMMANDS, type Action, type OperatorCommand } from './commands.ts'

export type Values = Readonly<Record<string, string | boolean | undefined>>

export interface CommandLine {
  readonly action: Action
  /** What follows the action. */
  readonly words: readonly string[]
  readonly values: Values
}

/** Reads a command's arguments. Throws TransferRefusal with a line that names the nearest thing that there is. */
export const readCommandLine = (command: OperatorCommand, argv: readonly string[]): CommandLine => {
  const { values, positionals } = parse(command, argv)
  const [first = 'list', ...words] = positionals
  const actions: readonly Action[] = ACTIONS[command]
  const action = actions.find((one) => one === first)
  if (action === undefined) throw unknown(`quarry ${command} ${first}`, first, actions, command)
  return { action, words, values }
}

const parse = (command: OperatorCommand, argv: readonly string[]) => {
  const options: Readonly<Record<string, { type: 'string' | 'boolean'; short?: string }>> = {
    ...COMMANDS[command].options,
    help: { type: 'boolean', short: 'h' },
  }
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
    // No option may be given several times, so none is a list.
    return {
      values: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
      ),
      positionals,
    }
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
    const code = error instanceof Error && 'code' in error ? error.code : ''
    const option = /'--?([^' ]*)/.exec(message)?.[1] ?? ''
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
      throw unknown(`The option --${option} of quarry ${command}`, option, Object.keys(options), command, '--')
    throw new TransferRefusal(`--${option} needs a value. ${seeHelp(command)}`, error)
  }
}

export const seeHelp = (command: OperatorCommand): string => `See: quarry ${command} --help`

/** A refusal of a word that is none of the `known`, with the nearest of them. */
export const unknown = (
  what: string,
  word: string,
  known: readonly string[],
  command: OperatorCommand,
  prefix = '',
): TransferRefusal => {
  const guess = nearest(word, known)
  return new TransferRefusal(
    `${what} is not known. ${guess === null ? seeHelp(command) : `Did you mean ${prefix}${guess}?`}`,
  )
}

/** A whole number in a range from an option's text; undefined where it is not given. */
export const wholeNumber = (values: Values, name: string, min: number, max: number): number | undefined => {
  const text = values[name]
  if (text === undefined) return undefined
  const number = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= min && number <= max))
    throw new TransferRefusal(`--${name} must be a whole number from ${min} to ${max}, not “${String(text)}”.`)
  return number
}

import { parseArgs } from 'node:util'
import type { ParseArgsOptionsConfig } from 'node:util'
import { nearest } from '@quarry/contracts'
import { CommandFailure } from './failure.ts'

/** One option of a command: how it is parsed, and how `--help` explains it. */
export interface OptionSpec {
  /** `optional`: a flag that may be given a value, behind `=`. */
  readonly type: 'boolean' | 'string' | 'optional'
  /** Stands for the value in the help text, such as `name`. */
  readonly value?: string
  readonly help: string
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>

/** What a set of options parses to: a flag is true or absent, a value is a string or absent; empty for a bare flag. */
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]: (Specs[Name]['type'] extends 'boolean' ? boolean : string) | undefined
}

export interface ParsedArguments<Specs extends OptionSpecs> {
  readonly options: OptionValues<Specs>
  readonly positionals: readonly string[]
  readonly helpAsked: boolean
}

/** Parses a command's own arguments; whatever is not declared is an error that names the nearest thing that is. */
export const parseArguments = <Specs extends OptionSpecs>(
  command: string,
  specs: Specs,
  argv: readonly string[],
): ParsedArguments<Specs> => {
  const config: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } }
  for (const [name, spec] of Object.entries(specs))
    config[name] = { type: spec.type === 'boolean' ? 'boolean' : 'string' }
  const bare = new Set(Object.entries(specs).flatMap(([name, { type }]) => (type === 'optional' ? [`--${name}`] : [])))
  const end = argv.indexOf('--')
  try {
    const { values, positionals } = parseArgs({
      // What follows a bare flag is not its value.
      args: argv.map((arg, i) => (bare.has(arg) && (end === -1 || i < end) ? `${arg}=` : arg)),
      options: config,
      allowPositionals: true,
      strict: true,
    })
    return { options: values as OptionValues<Specs>, positionals, helpAsked: values['help'] === true }
  } catch (error) {
    throw new CommandFailure(explain(command, Object.keys(config), error), { cause: error })
  }
}

const explain = (command: string, known: readonly string[], error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : null
  const message = error instanceof Error ? error.message : String(error)
  const option = /'(-{1,2}[^' ]*)/u.exec(message)?.[1] ?? ''
  const help = `See: quarry ${command} --help`
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const guess = nearest(option.replace(/^-+/u, ''), known)
    return `Unknown option ${option} for quarry ${command}. ${guess === null ? help : `Did you mean --${guess}?`}`
  }
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    return message.includes('does not take') ? `${option} takes no value. ${help}` : `${option} needs a value. ${help}`
  }
  return `${message} ${help}`
}

/** A whole number in a range, from an option's text; absent stays absent. */
export const wholeNumber = (
  option: string,
  value: string | undefined,
  range: { min: number; max: number },
): number | undefined => {
  if (value === undefined) return undefined
  const parsed = /^\d+$/u.test(value) ? Number(value) : Number.NaN
  if (!(parsed >= range.min && parsed <= range.max)) {
    throw new CommandFailure(`--${option} must be a whole number from ${range.min} to ${range.max}, not “${value}”.`)
  }
  return parsed
}

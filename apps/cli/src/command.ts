import type { OptionSpec, OptionSpecs, OptionValues } from './arguments.ts'
import { parseArguments } from './arguments.ts'
import type { CliEnv } from './env.ts'
import type { Connection } from './server/connection.ts'
import type { Terminal } from './terminal/terminal.ts'

/** What a command may use. */
export interface CommandContext {
  readonly env: CliEnv
  readonly terminal: Terminal
  /** Aborted by the first Ctrl-C; the second one ends the process at once. */
  readonly signal: AbortSignal
  /** The server of the environment; throws CommandFailure when there is no key for it. */
  readonly connect: () => Promise<Connection>
}

export interface CommandSpec<Specs extends OptionSpecs> {
  readonly name: string
  /** What the command takes, after its name: `<file|folder>…`. */
  readonly takes: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What else one should know before using it. */
  readonly details: readonly string[]
  readonly options: Specs
  /** Without the leading `quarry`. */
  readonly examples: readonly string[]
  /** Resolves to the exit code; expected failures are thrown as CommandFailure. */
  run(context: CommandContext, options: OptionValues<Specs>, positionals: readonly string[]): Promise<number>
}

/** A command as the entry point sees it, whatever its options are. */
export interface Command {
  readonly name: string
  readonly takes: string
  readonly summary: string
  readonly help: string
  run(context: CommandContext, argv: readonly string[]): Promise<number>
}

export const defineCommand = <const Specs extends OptionSpecs>(spec: CommandSpec<Specs>): Command => {
  const help = helpText(spec)
  return {
    name: spec.name,
    takes: spec.takes,
    summary: spec.summary,
    help,
    run: async (context, argv) => {
      const { options, positionals, helpAsked } = parseArguments(spec.name, spec.options, argv)
      if (helpAsked) {
        context.terminal.out(help)
        return 0
      }
      return spec.run(context, options, positionals)
    },
  }
}

/** Options that several commands share. */
export const JSON_OPTION = {
  type: 'boolean',
  help: 'Print one JSON object on stdout, and nothing else there.',
} as const

const VALUE_FORM = {
  boolean: () => '',
  string: (value: string) => ` <${value}>`,
  optional: (value: string) => `[=${value}]`,
} as const

const helpText = (spec: CommandSpec<OptionSpecs>): string => {
  const options = [
    ...Object.entries(spec.options),
    ['help', { type: 'boolean', help: 'Show this text.' }] satisfies [string, OptionSpec],
  ].map(([name, option]: readonly [string, OptionSpec]) => ({
    left: `--${name}${VALUE_FORM[option.type](option.value ?? '')}`,
    help: option.help,
  }))
  const width = Math.max(...options.map(({ left }) => left.length))
  return [
    `quarry ${spec.name}${spec.takes === '' ? '' : ` ${spec.takes}`}`,
    '',
    spec.summary,
    ...spec.details,
    '',
    'Options:',
    ...options.map(({ left, help }) => `  ${left.padEnd(width)}  ${help}`),
    '',
    'Examples:',
    ...spec.examples.map((example) => `  quarry ${example}`),
    '',
  ].join('\n')
}

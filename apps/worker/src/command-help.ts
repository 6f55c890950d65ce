/** An option of a command that works on the data itself: as `parseArgs` of node:util takes it, and what it is for. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  /** What stands for its value in the help. */
  readonly value?: string
  readonly help: string
}

export interface CommandDescription {
  /** Each way to call it, without `quarry`. */
  readonly usage: readonly string[]
  readonly summary: string
  readonly details: readonly string[]
  readonly options: Readonly<Record<string, CommandOption>>
  readonly examples: readonly string[]
}

/** What `quarry <command> --help` prints. */
export const commandHelp = ({ usage, summary, details, options, examples }: CommandDescription): string => {
  const rows = Object.entries(options).map(([name, { value, help }]) => ({
    left: value === undefined ? `--${name}` : `--${name} <${value}>`,
    help,
  }))
  const width = Math.max(...rows.map(({ left }) => left.length))
  return [
    ...usage.map((line) => `quarry ${line}`),
    '',
    summary,
    ...details,
    '',
    'Options:',
    ...rows.map(({ left, help }) => `  ${left.padEnd(width)}  ${help}`),
    '',
    'Examples:',
    ...examples.map((example) => `  quarry ${example}`),
    '',
  ].join('\n')
}

import type { z } from 'zod'
import type { Terminal } from './terminal.ts'

/** Prints a command's JSON, after checking it against the schema that scripts rely on. */
export const printJson = <Schema extends z.ZodType>(
  terminal: Terminal,
  schema: Schema,
  value: z.input<Schema>,
): void => {
  terminal.out(`${JSON.stringify(schema.parse(value), null, 2)}\n`)
}

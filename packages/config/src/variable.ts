import { z } from 'zod'

/** One environment variable. `.env.example` is printed from these, and docs/operations.md is checked against them. */
export interface Variable<S extends z.ZodType = z.ZodType, D extends string | null = string | null> {
  readonly group: VariableGroup
  readonly schema: S
  /** What counts when it is not set; null when the part that it configures is then the embedded one, or off. */
  readonly default: D
  /** Why it exists, and why the default is what it is. One or two sentences. */
  readonly reason: string
  /** For ignored ones: how the same is had now. Setting one costs a warning line, never a failure. */
  readonly replacement?: string
}

export type VariableGroup =
  | 'Server'
  | 'Database'
  | 'Redis and cache'
  | 'Files'
  | 'Model'
  | 'Limits'
  | 'Seeing'
  | 'Command line and tests'
  | 'From the old platform'

/** One entry of the table, typed by its own schema and default. */
export const variable = <S extends z.ZodType, const D extends string | null>(v: Variable<S, D>): Variable<S, D> => v
/** A variable of the old platform that does nothing now. */
export const ignored = (replacement: string) =>
  variable({ group: 'From the old platform', schema: z.string(), default: null, reason: 'Ignored.', replacement })

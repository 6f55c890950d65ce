import type { z } from 'zod'
import { AppConfigError, type Environment } from './environment.ts'
import type { Variable } from './variable.ts'
import { VARIABLES, type VariableName } from './variables.ts'

type Schemas = typeof VARIABLES
type Value<N extends VariableName> =
  | z.output<Schemas[N]['schema']>
  | (Schemas[N]['default'] extends null ? undefined : never)

/** The values of `names`, each defaulted and validated. */
export type Values<N extends VariableName> = { readonly [K in N]: Value<K> }

/** An empty string counts as unset: compose files and shells cannot say "unset" otherwise. */
export const isSet = (env: Environment, name: VariableName): boolean => (env[name] ?? '') !== ''

/** Reads some variables. Throws AppConfigError with every problem at once, `found` (by the caller) included. */
export const parseVariables = <N extends VariableName>(
  env: Environment,
  names: readonly N[],
  found: readonly string[] = [],
): Values<N> => {
  const problems = [...found]
  const values = names.map((name) => {
    const variable: Variable = VARIABLES[name]
    const text = isSet(env, name) ? env[name] : variable.default
    if (text === null || text === undefined) return [name, undefined] as const
    const result = variable.schema.safeParse(text)
    if (!result.success) problems.push(`${name} ${result.error.issues.map((issue) => issue.message).join(', ')}`)
    return [name, result.data] as const
  })
  if (problems.length > 0) throw new AppConfigError(problems)
  return Object.fromEntries(values) as Values<N>
}

import { processEnvironment, type Environment } from './environment.ts'
import { isSet } from './parse.ts'
import { VARIABLES, type VariableName } from './variables.ts'

/** One line for every variable that is set and does nothing here, saying how the same is had now. For the start to print. */
export const readWarnings = (env: Environment = processEnvironment()): string[] =>
  (Object.keys(VARIABLES) as VariableName[]).flatMap((name) => {
    const { replacement } = VARIABLES[name]
    return replacement !== undefined && isSet(env, name) ? [`${name} is ignored: ${replacement}.`] : []
  })

import { processEnvironment, type Environment } from './environment.ts'
import { parseVariables } from './parse.ts'

/** Whether a first start makes a first workspace. */
export const readProvision = (env: Environment = processEnvironment()): boolean =>
  parseVariables(env, ['QUARRY_PROVISION']).QUARRY_PROVISION === 'true'

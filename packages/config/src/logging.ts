import { processEnvironment, type Environment } from './environment.ts'
import { parseVariables } from './parse.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export const readLogLevel = (env: Environment = processEnvironment()): LogLevel =>
  parseVariables(env, ['LOG_LEVEL']).LOG_LEVEL

import { processEnvironment, type Environment } from './environment.ts'
import { parseVariables } from './parse.ts'

/** Bounds of one file and one answer. Units are in the names. */
export interface Limits {
  readonly uploadMaxBytes: number
  readonly parse: { readonly memoryMb: number; readonly timeoutSeconds: number; readonly processes: number }
  readonly run: {
    readonly maxSteps: number
    readonly maxTokens: number
    readonly maxSeconds: number
    /** Answers of one user or API key at the same time. */
    readonly maxPerUser: number
  }
}

/** Throws AppConfigError with a line for every variable that cannot be used. */
export const readLimits = (env: Environment = processEnvironment()): Limits => {
  const v = parseVariables(env, [
    'UPLOAD_MAX_BYTES',
    'PARSE_MEMORY_MB',
    'PARSE_TIMEOUT_SECONDS',
    'PARSE_PROCESSES',
    'RUN_MAX_STEPS',
    'RUN_MAX_TOKENS',
    'RUN_MAX_SECONDS',
    'RUN_MAX_PER_USER',
  ])
  return {
    uploadMaxBytes: v.UPLOAD_MAX_BYTES,
    parse: { memoryMb: v.PARSE_MEMORY_MB, timeoutSeconds: v.PARSE_TIMEOUT_SECONDS, processes: v.PARSE_PROCESSES },
    run: {
      maxSteps: v.RUN_MAX_STEPS,
      maxTokens: v.RUN_MAX_TOKENS,
      maxSeconds: v.RUN_MAX_SECONDS,
      maxPerUser: v.RUN_MAX_PER_USER,
    },
  }
}

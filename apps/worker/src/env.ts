import {
  readAdapters,
  readLimits,
  readLogLevel,
  readObservability,
  type Adapters,
  type Environment,
  type Limits,
  type LogLevel,
  type Observability,
} from '@quarry/config'

/** What this app reads from its environment: all of it, once, and nowhere else. */
export interface WorkerEnv {
  readonly adapters: Adapters
  readonly limits: Limits
  readonly logLevel: LogLevel
  readonly observability: Observability
}

/** Throws AppConfigError with a line for every variable that cannot be used. */
export const readWorkerEnv = (): WorkerEnv => ({
  adapters: readAdapters(process.env),
  limits: readLimits(process.env),
  logLevel: readLogLevel(process.env),
  observability: readObservability('worker', process.env),
})

/** What the commands for whole installations start from: the variables as they are, and where the person is. */
export const readTransferEnv = (): { readonly env: Environment; readonly callerDir: string } => ({
  env: process.env,
  callerDir: process.env['INIT_CWD'] ?? process.cwd(),
})

/** What the operator's commands start from. Boot says when it did not get the data folder because another process has it. */
export const readOperatorEnv = (): { readonly env: Environment; readonly isHeld: boolean } => ({
  env: process.env,
  isHeld: process.env['QUARRY_DATA_HELD'] === '1',
})

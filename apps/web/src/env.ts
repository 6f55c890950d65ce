import {
  readAdapters,
  readAuthSecret,
  readLimits,
  readLogLevel,
  readObservability,
  readProvision,
  type Adapters,
  type Limits,
  type LogLevel,
  type Observability,
} from '@quarry/config'

/** What this app reads from its environment: all of it, once, and nowhere else. */
export interface WebEnv {
  readonly adapters: Adapters
  readonly limits: Limits
  readonly logLevel: LogLevel
  readonly observability: Observability
  readonly authSecret: string
  readonly provision: boolean
}

/** Throws AppConfigError with a line for every variable that cannot be used. */
export const readWebEnv = (): WebEnv => ({
  adapters: readAdapters(process.env),
  limits: readLimits(process.env),
  logLevel: readLogLevel(process.env),
  observability: readObservability('web', process.env),
  authSecret: readAuthSecret(process.env),
  provision: readProvision(process.env),
})

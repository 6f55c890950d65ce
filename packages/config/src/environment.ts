/** What `process.env` is. Every reader takes it as an argument, so that a test can give its own. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The environment of this process. This package and the `env.ts` of each app are the only places that touch it. */
export const processEnvironment = (): Environment => process.env

/** The configuration cannot be used; `problems` has one sentence per variable. Printed at boot, which then stops. */
export class AppConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((p) => `  ${p}`).join('\n')}`)
    this.name = 'AppConfigError'
    this.problems = problems
  }
}

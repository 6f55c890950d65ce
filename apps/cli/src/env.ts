import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout that this file belongs to: apps/cli/src/env.ts is three folders down. */
const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

/** What the command reads from its surroundings. Only this file reads the environment. */
export interface CliEnv {
  /** QUARRY_URL, or null: then the credentials file says where the server is. */
  readonly url: string | null
  /** QUARRY_API_KEY, or null: then the credentials file has one. */
  readonly apiKey: string | null
  /** The data folder of a server on this machine: QUARRY_DATA, else `.quarry` in the checkout. */
  readonly dataDir: string
  /** Where the person stood: npm runs scripts in the checkout and leaves the caller's folder in INIT_CWD. */
  readonly callerDir: string
  /** False when NO_COLOR is set to anything but the empty string (no-color.org). */
  readonly colourAllowed: boolean
}

const text = (value: string | undefined): string | null => {
  const trimmed = value?.trim() ?? ''
  return trimmed === '' ? null : trimmed
}

/** Empty variables count as absent, as in `.env.example`. A relative QUARRY_DATA starts at the checkout, as for the server. */
export const readEnv = (source: NodeJS.ProcessEnv = process.env, workingDir: string = process.cwd()): CliEnv => {
  const dataDir = text(source['QUARRY_DATA']) ?? '.quarry'
  return {
    url: text(source['QUARRY_URL']),
    apiKey: text(source['QUARRY_API_KEY']),
    dataDir: isAbsolute(dataDir) ? dataDir : join(REPOSITORY, dataDir),
    callerDir: text(source['INIT_CWD']) ?? workingDir,
    colourAllowed: text(source['NO_COLOR']) === null,
  }
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { CliEnv } from '../env.ts'
import { CommandFailure } from '../failure.ts'

/** What the first start writes for tools on the same machine (readable by its owner only). */
const credentialsFile = z.object({ url: z.url(), apiKey: z.string().min(1) })

export interface Credentials {
  /** Origin of the server, without a slash at the end. */
  readonly url: string
  readonly apiKey: string
  /** Where the key came from, in words. */
  readonly source: string
}

/** Where `npm start` listens when nothing else is set. */
const DEFAULT_URL = 'http://127.0.0.1:3000'

export const credentialsPath = (env: CliEnv): string => join(env.dataDir, 'credentials.json')

/**
 * The server to talk to and the key to show: QUARRY_URL and QUARRY_API_KEY, each falling back to the local credentials
 * file. The file's key goes only to the server that the file names, never to another address in QUARRY_URL.
 */
export const findCredentials = async (env: CliEnv): Promise<Credentials> => {
  const file = env.url !== null && env.apiKey !== null ? null : await readCredentialsFile(credentialsPath(env))
  const url = origin(env.url ?? file?.url ?? DEFAULT_URL)
  if (env.apiKey !== null) return { url, apiKey: env.apiKey, source: 'QUARRY_API_KEY' }
  if (file === null) {
    throw new CommandFailure(
      env.url === null
        ? `There are no credentials at ${credentialsPath(env)}. Start Quarry with: npm start, or set QUARRY_URL and QUARRY_API_KEY.`
        : `There is no API key for ${url}. Set QUARRY_API_KEY.`,
    )
  }
  if (origin(file.url) !== url) {
    throw new CommandFailure(`The local key belongs to ${origin(file.url)}, not to ${url}. Set QUARRY_API_KEY.`)
  }
  return { url, apiKey: file.apiKey, source: credentialsPath(env) }
}

const readCredentialsFile = async (path: string): Promise<z.infer<typeof credentialsFile> | null> => {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null
    throw new CommandFailure(
      `The credentials file ${path} cannot be read. Set QUARRY_URL and QUARRY_API_KEY instead.`,
      {
        cause: error,
      },
    )
  }
  try {
    return credentialsFile.parse(JSON.parse(content))
  } catch (error) {
    throw new CommandFailure(
      `The credentials file ${path} is not valid. Delete it and start Quarry again to have it written anew.`,
      { cause: error },
    )
  }
}

const origin = (url: string): string => {
  try {
    const parsed = new URL(url)
    if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return parsed.origin
  } catch {
    // Not an address at all: the same sentence as for a wrong protocol.
  }
  throw new CommandFailure(`QUARRY_URL must be an http or https address, not “${url}”.`)
}

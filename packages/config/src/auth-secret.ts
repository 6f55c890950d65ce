import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAdapters } from './adapters.ts'
import { AppConfigError, processEnvironment, type Environment } from './environment.ts'
import { parseVariables } from './parse.ts'

/**
 * The secret that signs sessions: AUTH_SECRET, or in embedded mode one that is made once and kept in the data folder
 * (0600). Throws AppConfigError when neither can be had.
 */
export const readAuthSecret = (env: Environment = processEnvironment()): string => {
  const { AUTH_SECRET } = parseVariables(env, ['AUTH_SECRET'])
  if (AUTH_SECRET !== undefined) return AUTH_SECRET
  const { database, dataDir } = readAdapters(env)
  if (database.kind !== 'embedded')
    throw new AppConfigError(['AUTH_SECRET must be set with DATABASE_URL, the same on every replica'])
  return keptSecret(dataDir)
}

/** A link either makes the whole file or fails, so two processes that start at once end up with the same secret. */
const keptSecret = (dataDir: string): string => {
  const path = join(dataDir, 'auth-secret')
  const draft = `${path}.${process.pid}`
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true })
    linkSync(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
  const secret = readFileSync(path, 'utf8').trim()
  if (secret.length < 32) throw new AppConfigError([`AUTH_SECRET: the secret in ${path} is damaged; delete that file`])
  return secret
}

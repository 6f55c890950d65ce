import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BLOB_NAMES, blobAdapterOf, blobProblems, type BlobAdapter } from './blob-adapter.ts'
import { processEnvironment, type Environment } from './environment.ts'
import { isSet, parseVariables, type Values } from './parse.ts'
import type { VariableName } from './variables.ts'

export type DatabaseAdapter =
  /** PGlite in a process of its own. Its Unix socket is `<socketDir>/.s.PGSQL.5432`, its files are in `filesDir`. */
  | { readonly kind: 'embedded'; readonly socketDir: string; readonly filesDir: string }
  /** `ownerUrl` is for migrations; null means that `url` may migrate as well. */
  | { readonly kind: 'postgres'; readonly url: string; readonly ownerUrl: string | null }

export interface DatabasePool {
  /** Most connections of this process. */
  readonly max: number
  /** How long a call waits for a free connection before it is told `unavailable`. */
  readonly acquireTimeoutMs: number
  readonly maxLifetimeSeconds: number
}

export type LlmAdapter =
  | { readonly kind: 'built-in' }
  | { readonly kind: 'openai-compatible'; readonly baseUrl: string; readonly apiKey: string; readonly model: string }

export type EmbeddingAdapter =
  | { readonly kind: 'off' }
  | { readonly kind: 'built-in'; readonly weight: number | null }
  | {
      readonly kind: 'openai-compatible'
      readonly baseUrl: string
      readonly apiKey: string
      readonly model: string
      readonly weight: number | null
    }

/** Which implementation serves each part: an embedded one, unless the environment names another. Paths are absolute. */
export interface Adapters {
  readonly database: DatabaseAdapter
  readonly databasePool: DatabasePool
  readonly blobs: BlobAdapter
  readonly llm: LlmAdapter
  readonly embedding: EmbeddingAdapter
  readonly dataDir: string
  readonly listen: { readonly host: string; readonly port: number }
  /** Origin that people type, without a trailing slash. */
  readonly publicUrl: string
  /** How many of the last addresses in X-Forwarded-For were written by proxies of ours. */
  readonly trustedProxies: number
}

const NAMES = [
  ...([
    'PORT',
    'HOSTNAME',
    'PUBLIC_URL',
    'TRUSTED_PROXIES',
    'QUARRY_DATA',
    'DATABASE_URL',
    'DATABASE_OWNER_URL',
    'DB_POOL_SIZE',
  ] as const),
  ...(['DB_MAX_OVERFLOW', 'DB_POOL_TIMEOUT', 'DB_POOL_RECYCLE'] as const),
  ...BLOB_NAMES,
  ...(['LLM_BASE_URL', 'LLM_API_KEY', 'LLM_MODEL'] as const),
  ...(['EMBEDDING_BASE_URL', 'EMBEDDING_API_KEY', 'EMBEDDING_MODEL', 'EMBEDDING_WEIGHT'] as const),
  ...(['REDIS_URL', 'REDIS_MAX_CONNECTIONS'] as const),
]

/** A socket address holds 104 bytes on macOS and 108 on Linux, its end included; `/.s.PGSQL.5432` takes 14 of them. */
const LONGEST_SOCKET_DIR = 85

/**
 * Reads and validates the environment. Throws AppConfigError with a line for every variable that cannot be used.
 * `QUARRY_DATA` is relative to the working directory; boot hands its children the absolute path.
 */
export const readAdapters = (env: Environment = processEnvironment()): Adapters => {
  const problems: string[] = []
  problems.push(
    ...partlySet(env, 'LLM_', ['LLM_BASE_URL', 'LLM_API_KEY', 'LLM_MODEL']),
    ...(isEmbeddingOff(env)
      ? []
      : partlySet(env, 'EMBEDDING_', ['EMBEDDING_BASE_URL', 'EMBEDDING_API_KEY', 'EMBEDDING_MODEL'])),
  )
  if (isSet(env, 'DATABASE_OWNER_URL') && !isSet(env, 'DATABASE_URL'))
    problems.push('DATABASE_OWNER_URL needs DATABASE_URL')
  problems.push(...blobProblems(env))

  const v = parseVariables(env, NAMES, problems)
  const dataDir = resolve(v.QUARRY_DATA)
  return {
    database:
      v.DATABASE_URL === undefined
        ? { kind: 'embedded', socketDir: socketDirOf(dataDir), filesDir: join(dataDir, 'database') }
        : { kind: 'postgres', url: v.DATABASE_URL, ownerUrl: v.DATABASE_OWNER_URL ?? null },
    databasePool: {
      max: v.DB_POOL_SIZE + v.DB_MAX_OVERFLOW,
      acquireTimeoutMs: v.DB_POOL_TIMEOUT * 1000,
      maxLifetimeSeconds: v.DB_POOL_RECYCLE,
    },
    blobs: blobAdapterOf(v, dataDir),
    llm:
      v.LLM_BASE_URL === undefined || v.LLM_API_KEY === undefined || v.LLM_MODEL === undefined
        ? { kind: 'built-in' }
        : { kind: 'openai-compatible', baseUrl: v.LLM_BASE_URL, apiKey: v.LLM_API_KEY, model: v.LLM_MODEL },
    embedding: isEmbeddingOff(env) ? { kind: 'off' } : embeddingOf(v),
    dataDir,
    listen: { host: v.HOSTNAME, port: v.PORT },
    trustedProxies: v.TRUSTED_PROXIES,
    publicUrl: v.PUBLIC_URL ?? `http://${hostInUrl(v.HOSTNAME)}:${v.PORT}`,
  }
}

/** A sentence when some of the variables that go together are missing. */
const partlySet = (env: Environment, prefix: string, names: readonly VariableName[]): string[] => {
  const missing = names.filter((name) => !isSet(env, name))
  if (missing.length === 0 || missing.length === names.length) return []
  return [`${missing.join(' and ')} must be set too: the ${prefix} variables go together`]
}

const isEmbeddingOff = (env: Environment): boolean => env['EMBEDDING_MODEL'] === 'off'

const embeddingOf = (v: Values<(typeof NAMES)[number]>): EmbeddingAdapter => {
  const { EMBEDDING_BASE_URL: baseUrl, EMBEDDING_API_KEY: apiKey, EMBEDDING_MODEL: model } = v
  const weight = v.EMBEDDING_WEIGHT ?? null
  if (baseUrl === undefined || apiKey === undefined || model === undefined) return { kind: 'built-in', weight }
  return { kind: 'openai-compatible', baseUrl, apiKey, model, weight }
}

/** Nobody can open http://0.0.0.0 in every browser: listening everywhere includes this machine. */
const hostInUrl = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/** The socket's folder: in the data folder, or, where that path is too long for a socket, in the temporary folder. */
const socketDirOf = (dataDir: string): string => {
  const inside = join(dataDir, 'socket')
  if (Buffer.byteLength(inside) <= LONGEST_SOCKET_DIR) return inside
  return join(tmpdir(), `quarry-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`)
}

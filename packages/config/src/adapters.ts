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
  | {
      readonly kind: 'postgres'
      readonly url: string
      readonly ownerUrl: string | null
      /** Past a transaction pooler, for what needs a session of its own; null: `url` leads to none. */
      readonly directUrl?: string | null
    }

export interface DatabasePool {
  /** Most connections of this process, of all its drivers together. */
  readonly max: number
  /** How long a call waits for a free connection before it is told `unavailable`. */
  readonly acquireTimeoutMs: number
  readonly maxLifetimeSeconds: number
}

export interface RedisAdapter {
  readonly url: string
  readonly maxConnections: number
}

/** How many processes share what there is one of. */
export interface Replicas {
  readonly web: number
  readonly worker: number
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
  /** null: in the memory of the one web process. */
  readonly redis: RedisAdapter | null
  readonly replicas: Replicas
  readonly blobs: BlobAdapter
  /** Where the clock writes backups, and how many stay; null: it writes none. */
  readonly backup: { readonly folder: string; readonly keep: number } | null
  readonly llm: LlmAdapter
  readonly embedding: EmbeddingAdapter
  readonly dataDir: string
  readonly listen: { readonly host: string; readonly port: number }
  /** Origin that people type, without a trailing slash. */
  readonly publicUrl: string
  /** How many of the last addresses in X-Forwarded-For were written by proxies of ours. */
  readonly trustedProxies: number
  /** How long a web server that was told to stop still takes requests. */
  readonly drainDelayMs: number
}

const NAMES = [
  ...([
    'PORT',
    'HOSTNAME',
    'PUBLIC_URL',
    'TRUSTED_PROXIES',
    'DRAIN_DELAY_MS',
    'QUARRY_DATA',
    'DATABASE_URL',
    'DATABASE_OWNER_URL',
    'DATABASE_DIRECT_URL',
    'DATABASE_POOLER',
    'DB_POOL_SIZE',
  ] as const),
  ...(['WEB_REPLICAS', 'WORKER_REPLICAS'] as const),
  ...(['DB_MAX_OVERFLOW', 'DB_POOL_TIMEOUT', 'DB_POOL_RECYCLE'] as const),
  ...BLOB_NAMES,
  ...(['BACKUP_FOLDER', 'BACKUP_KEEP'] as const),
  ...(['LLM_BASE_URL', 'LLM_API_KEY', 'LLM_MODEL'] as const),
  ...(['EMBEDDING_BASE_URL', 'EMBEDDING_API_KEY', 'EMBEDDING_MODEL', 'EMBEDDING_WEIGHT'] as const),
  ...(['REDIS_URL', 'REDIS_MAX_CONNECTIONS'] as const),
]

/** Where one web server has the database to itself, and where several share it. */
const POOL_SIZE = { alone: 20, shared: 10 }

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
  problems.push(...poolerProblems(env), ...blobProblems(env))

  if (Number(env['WEB_REPLICAS']) > 1 && !isSet(env, 'REDIS_URL'))
    problems.push('REDIS_URL must be set too: several web servers share cache and limits there')

  const v = parseVariables(env, NAMES, problems)
  const dataDir = resolve(v.QUARRY_DATA)
  return {
    database:
      v.DATABASE_URL === undefined
        ? { kind: 'embedded', socketDir: socketDirOf(dataDir), filesDir: join(dataDir, 'database') }
        : {
            kind: 'postgres',
            url: v.DATABASE_URL,
            ownerUrl: v.DATABASE_OWNER_URL ?? null,
            directUrl: v.DATABASE_POOLER === 'transaction' ? (v.DATABASE_DIRECT_URL ?? null) : null,
          },
    databasePool: {
      max: (v.DB_POOL_SIZE ?? (v.WEB_REPLICAS === 1 ? POOL_SIZE.alone : POOL_SIZE.shared)) + v.DB_MAX_OVERFLOW,
      acquireTimeoutMs: v.DB_POOL_TIMEOUT * 1000,
      maxLifetimeSeconds: v.DB_POOL_RECYCLE,
    },
    redis: v.REDIS_URL === undefined ? null : { url: v.REDIS_URL, maxConnections: v.REDIS_MAX_CONNECTIONS },
    replicas: { web: v.WEB_REPLICAS, worker: v.WORKER_REPLICAS },
    blobs: blobAdapterOf(v, dataDir),
    backup: v.BACKUP_FOLDER === undefined ? null : { folder: resolve(v.BACKUP_FOLDER), keep: v.BACKUP_KEEP },
    llm:
      v.LLM_BASE_URL === undefined || v.LLM_API_KEY === undefined || v.LLM_MODEL === undefined
        ? { kind: 'built-in' }
        : { kind: 'openai-compatible', baseUrl: v.LLM_BASE_URL, apiKey: v.LLM_API_KEY, model: v.LLM_MODEL },
    embedding: isEmbeddingOff(env) ? { kind: 'off' } : embeddingOf(v),
    dataDir,
    listen: { host: v.HOSTNAME, port: v.PORT },
    trustedProxies: v.TRUSTED_PROXIES,
    drainDelayMs: v.DRAIN_DELAY_MS,
    publicUrl: v.PUBLIC_URL ?? `http://${hostInUrl(v.HOSTNAME)}:${v.PORT}`,
  }
}

/** A sentence when some of the variables that go together are missing. */
const partlySet = (env: Environment, prefix: string, names: readonly VariableName[]): string[] => {
  const missing = names.filter((name) => !isSet(env, name))
  if (missing.length === 0 || missing.length === names.length) return []
  return [`${missing.join(' and ')} must be set too: the ${prefix} variables go together`]
}

/** A pooler needs to be known, and needs a way past it. */
const poolerProblems = (env: Environment): string[] => {
  const pooled = env['DATABASE_POOLER'] === 'transaction'
  return [
    ...(pooled && !isSet(env, 'DATABASE_URL') ? ['DATABASE_POOLER needs DATABASE_URL'] : []),
    ...(pooled && !isSet(env, 'DATABASE_DIRECT_URL')
      ? ['DATABASE_DIRECT_URL must be set too: the job queue cannot work through a transaction pooler']
      : []),
    ...(!pooled && isSet(env, 'DATABASE_DIRECT_URL') ? ['DATABASE_DIRECT_URL needs DATABASE_POOLER=transaction'] : []),
  ]
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

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { exampleFile } from './example.ts'
import {
  AppConfigError,
  readAdapters,
  readAuthSecret,
  readLimits,
  readLogLevel,
  readWarnings,
  VARIABLES,
} from './index.ts'

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
const socketDirOf = (data: string) => {
  const { database } = readAdapters({ QUARRY_DATA: data })
  if (database.kind !== 'embedded') throw new Error('not embedded')
  return database.socketDir
}
const problemsOf = (fn: () => unknown): readonly string[] => {
  try {
    fn()
  } catch (error) {
    if (error instanceof AppConfigError) return error.problems
    throw error
  }
  return []
}

describe('adapters', () => {
  test('with nothing set everything is embedded and only this machine can connect', () => {
    const adapters = readAdapters({})
    expect(adapters.database.kind).toBe('embedded')
    expect(adapters.llm).toEqual({ kind: 'built-in' })
    expect(adapters.embedding).toEqual({ kind: 'built-in', weight: null })
    expect(adapters.listen).toEqual({ host: '127.0.0.1', port: 3000 })
    expect(adapters.publicUrl).toBe('http://127.0.0.1:3000')
    expect(adapters.blobs).toEqual({ kind: 'file', root: join(process.cwd(), '.quarry', 'blobs') })
  })

  test('each part becomes real on its own', () => {
    const adapters = readAdapters({
      DATABASE_URL: 'postgres://login@db/quarry',
      DATABASE_OWNER_URL: 'postgres://owner@db/quarry',
      BLOB_URL: 'file:///srv/blobs',
      LLM_BASE_URL: 'http://llm.test/v1/',
      LLM_API_KEY: 'k',
      LLM_MODEL: 'm',
      DB_POOL_SIZE: '7',
      DB_MAX_OVERFLOW: '3',
      DB_POOL_TIMEOUT: '2',
      DB_POOL_RECYCLE: '60',
    })
    expect(adapters.database).toEqual({
      kind: 'postgres',
      url: 'postgres://login@db/quarry',
      ownerUrl: 'postgres://owner@db/quarry',
      directUrl: null,
    })
    expect(adapters.blobs).toEqual({ kind: 'file', root: '/srv/blobs' })
    expect(adapters.llm).toEqual({ kind: 'openai-compatible', baseUrl: 'http://llm.test/v1', apiKey: 'k', model: 'm' })
    expect(adapters.databasePool).toEqual({ max: 10, acquireTimeoutMs: 2000, maxLifetimeSeconds: 60 })
  })

  test('every problem is told at once, a line each, and no value is repeated', () => {
    const problems = problemsOf(() =>
      readAdapters({
        PORT: '70000',
        DATABASE_URL: 'mysql://u:hunter2@x/y',
        REDIS_URL: 'http://x',
        EMBEDDING_MODEL: 'e',
        EMBEDDING_WEIGHT: '2',
        LLM_MODEL: 'm',
        BLOB_URL: 'ftp://bucket',
      }),
    )
    expect(new Set(problems.map((p) => p.split(' ')[0]))).toEqual(
      new Set([
        'BLOB_URL',
        'DATABASE_URL',
        'EMBEDDING_BASE_URL',
        'EMBEDDING_WEIGHT',
        'LLM_BASE_URL',
        'PORT',
        'REDIS_URL',
      ]),
    )
    expect(problems).toHaveLength(7)
    expect(problems.join()).not.toContain('hunter2')
    expect(problems.every((p) => !p.includes('\n'))).toBe(true)
  })

  test('embeddings come from an endpoint, from the built-in model, or not at all', () => {
    const endpoint = { EMBEDDING_BASE_URL: 'http://e.test/v1/', EMBEDDING_API_KEY: 'k', EMBEDDING_MODEL: 'bge' }
    expect(readAdapters({ ...endpoint, EMBEDDING_WEIGHT: '.4' }).embedding).toEqual({
      kind: 'openai-compatible',
      baseUrl: 'http://e.test/v1',
      apiKey: 'k',
      model: 'bge',
      weight: 0.4,
    })
    expect(readAdapters({ EMBEDDING_WEIGHT: '0' }).embedding).toEqual({ kind: 'built-in', weight: 0 })
    expect(readAdapters({ EMBEDDING_MODEL: 'off' }).embedding).toEqual({ kind: 'off' })
    expect(problemsOf(() => readAdapters({ EMBEDDING_WEIGHT: '1.5' }))).toHaveLength(1)
  })

  test("files on S3 need a key, and find Amazon or a store of one's own", () => {
    const key = { S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'hunter2' }
    expect(readAdapters({ BLOB_URL: 's3://docs/a/b/', S3_REGION: 'eu-central-1', ...key }).blobs).toMatchObject({
      bucket: 'docs',
      prefix: 'a/b',
      endpoint: 'https://s3.eu-central-1.amazonaws.com',
      pathStyle: false,
    })
    const own = { BLOB_URL: 's3://docs', S3_ENDPOINT: 'http://store:9000/', ...key }
    expect(readAdapters(own).blobs).toMatchObject({ prefix: '', endpoint: 'http://store:9000', pathStyle: true })
    expect(problemsOf(() => readAdapters({ BLOB_URL: 's3://docs' }))).toEqual([
      'S3_ACCESS_KEY_ID must be set too: BLOB_URL is on S3',
      'S3_SECRET_ACCESS_KEY must be set too: BLOB_URL is on S3',
    ])
    for (const BLOB_URL of ['s3://', 's3://A_B/x', 's3://id:secret@docs', 's3://docs?x=1', 'file://host/x'])
      expect(problemsOf(() => readAdapters({ BLOB_URL, ...key }))).toHaveLength(1)
  })

  test('an empty variable counts as unset', () => {
    expect(readAdapters({ PORT: '', REDIS_URL: '', DATABASE_URL: '' }).listen.port).toBe(3000)
  })

  test('a machine name in HOSTNAME, as shells and containers set it, does not move the server', () => {
    expect(readAdapters({ HOSTNAME: 'f3ab21' }).listen.host).toBe('127.0.0.1')
    expect(readAdapters({ HOSTNAME: '0.0.0.0' })).toMatchObject({
      listen: { host: '0.0.0.0' },
      publicUrl: 'http://127.0.0.1:3000',
    })
    expect(readAdapters({ HOSTNAME: '::1' }).publicUrl).toBe('http://[::1]:3000')
  })

  test('the socket path fits into a socket address however deep the data folder is', () => {
    expect(socketDirOf('/srv/quarry')).toBe('/srv/quarry/socket')
    const deep = socketDirOf(`/srv/${'deep/'.repeat(30)}`)
    expect(Buffer.byteLength(`${deep}/.s.PGSQL.5432`)).toBeLessThan(100)
    expect(deep).not.toBe(socketDirOf(`/srv/${'deep/'.repeat(31)}`))
    expect(deep).toBe(socketDirOf(`/srv/${'deep/'.repeat(30)}`))
  })
})

test('limits have defaults that work and refuse what makes no sense', () => {
  expect(readLimits({}).uploadMaxBytes).toBe(100 * 1024 * 1024)
  expect(problemsOf(() => readLimits({ PARSE_PROCESSES: '0', RUN_MAX_STEPS: '1e1', UPLOAD_MAX_BYTES: '-1' }))).toEqual([
    'UPLOAD_MAX_BYTES must be a whole number',
    'PARSE_PROCESSES must be at least 1',
    'RUN_MAX_STEPS must be a whole number',
  ])
  expect(readLogLevel({ LOG_LEVEL: 'warn' })).toBe('warn')
  expect(readLogLevel({ LOG_LEVEL: 'fatal' })).toBe('fatal')
  expect(problemsOf(() => readLogLevel({ LOG_LEVEL: 'silent' }))).toEqual([
    'LOG_LEVEL must be debug, info, warn, error or fatal',
  ])
})

describe('the secret', () => {
  test('is made once, readable by its owner only, and stays the same', () => {
    const folder = temporaryFolder()
    const secret = readAuthSecret({ QUARRY_DATA: folder })
    expect(secret.length).toBeGreaterThanOrEqual(43)
    expect(readAuthSecret({ QUARRY_DATA: folder })).toBe(secret)
    expect(statSync(join(folder, 'auth-secret')).mode & 0o777).toBe(0o600)
    expect(readAuthSecret({ QUARRY_DATA: temporaryFolder() })).not.toBe(secret)
  })

  test('must be given where replicas share a database', () => {
    expect(problemsOf(() => readAuthSecret({ DATABASE_URL: 'postgres://x/y' }))).toHaveLength(1)
    expect(readAuthSecret({ DATABASE_URL: 'postgres://x/y', AUTH_SECRET: 's'.repeat(32) })).toBe('s'.repeat(32))
    expect(problemsOf(() => readAuthSecret({ AUTH_SECRET: 'short' }))).toHaveLength(1)
  })
})

describe('the table of variables', () => {
  test('.env.example is what it prints', () => {
    expect(readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8')).toBe(exampleFile())
  })

  test('docs/operations.md explains every variable', () => {
    const text = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
    expect(Object.keys(VARIABLES).filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  })

  test('every default is accepted by its own schema', () => {
    const broken = Object.entries(VARIABLES).filter(
      ([, variable]) => variable.default !== null && !variable.schema.safeParse(variable.default).success,
    )
    expect(broken).toEqual([])
  })

  test('a variable of the old platform starts the product and costs one line', () => {
    const old = {
      BACKEND_WORKERS: '9',
      CELERY_BROKER_URL: 'redis://x',
      CELERY_RESULT_BACKEND: 'redis://x',
      PORT: '3000',
    }
    expect(readWarnings(old)).toHaveLength(3)
    expect(readWarnings(old)[0]).toMatch(/^BACKEND_WORKERS is ignored: .*replica/)
    expect(problemsOf(() => readAdapters(old))).toEqual([])
  })
})

describe('text recognition', () => {
  test('reads English unless it is told otherwise, each language once, or nothing', () => {
    expect(readLimits({}).ocr).toEqual({
      languages: ['eng'],
      languageFolder: undefined,
      timeoutSeconds: 60,
      maxPages: 200,
    })
    expect(readLimits({ OCR_LANGUAGES: 'eng+deu+chi_sim+eng' }).ocr?.languages).toEqual(['eng', 'deu', 'chi_sim'])
    expect(readLimits({ OCR_LANGUAGES: 'off' }).ocr).toBeNull()
  })

  test.each(['eng,deu', '../eng', 'eng+', ''.padEnd(3)])('refuses %j', (value) => {
    expect(() => readLimits({ OCR_LANGUAGES: value })).toThrow('OCR_LANGUAGES must be languages')
  })
})

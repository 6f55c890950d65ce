import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { migrate, MIGRATIONS_FOLDER } from '../migrate.ts'

/** Any number: only one process of a test run makes the template. */
const TEMPLATE_LOCK = 727_002
const READY = 'ready'

export const superuser = (url: string, database?: string): postgres.Sql =>
  postgres(database === undefined ? url : withDatabase(url, database), {
    max: 1,
    fetch_types: false,
    prepare: false,
    onnotice: () => {},
  })

export const withDatabase = (url: string, database: string): string => {
  const copy = new URL(url)
  copy.pathname = `/${database}`
  return copy.href
}

/** The address of `database` for the role that the product connects as. */
export const loginUrl = (url: string, database: string): string => {
  const copy = new URL(withDatabase(url, database))
  copy.username = 'login'
  copy.password = loginPassword(url)
  return copy.href
}

/** The same in every process of a run, so that none has to tell the others. */
const loginPassword = (url: string): string => createHash('sha256').update(`login of ${url}`).digest('hex').slice(0, 32)

/** Makes the migrated template database once per version of the migrations, and returns its name. */
export const ensureTemplate = async (url: string): Promise<string> => {
  const name = `quarry_template_${migrationsHash()}`
  const sql = superuser(url)
  try {
    await sql.unsafe(`select pg_advisory_lock(${TEMPLATE_LOCK})`)
    const [found] = await sql.unsafe<{ state: string | null }[]>(
      `select shobj_description(oid, 'pg_database') as state from pg_database where datname = $1`,
      [name],
    )
    if (found?.state !== READY) {
      await sql.unsafe(`drop database if exists ${name} with (force)`)
      await sql.unsafe(`create database ${name}`)
      await migrate({ kind: 'postgres', url: withDatabase(url, name), ownerUrl: null })
      await sql.unsafe(`alter role login password '${loginPassword(url)}'`)
      await sql.unsafe(`comment on database ${name} is '${READY}'`)
    }
    return name
  } finally {
    // Ends the session, and with it the lock.
    await sql.end()
  }
}

const migrationsHash = (): string => {
  const hash = createHash('sha256')
  for (const file of readdirSync(MIGRATIONS_FOLDER).filter((name) => name.endsWith('.sql')))
    hash.update(file).update(readFileSync(join(MIGRATIONS_FOLDER, file)))
  return hash.digest('hex').slice(0, 12)
}

import { accessSync, chownSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { BootFailure } from '../boot/failure.mjs'
import { command, mustRun } from '../services/command.mjs'
import { preparePostgresBinaries } from '../services/postgres-installation.mjs'
import { unprivileged } from '../services/unprivileged.mjs'

const DATABASE = 'quarry'
const INIT_TIMEOUT_MS = 120_000
/** Connections are lent for the time of a transaction: a process uses a few of the ten that it may open. */
const MAX_CONNECTIONS = 300

/** What is safe is left as PostgreSQL has it. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  max_connections: String(MAX_CONNECTIONS),
  shared_buffers: '256MB',
  // The machine's shared memory is small in containers.
  dynamic_shared_memory_type: 'mmap',
  // Statements are short, and compiling one takes longer than running it.
  jit: 'off',
}

/**
 * A PostgreSQL with pgvector of the cluster's own: how it is made and run.
 *
 * @param {{ folder: string, port: number, ownerPassword: string, loginPassword: string }} options
 * @param {(message: string) => void} say
 * @throws BootFailure that says what to install
 */
export const ownPostgres = async ({ folder, port, ownerPassword, loginPassword }, say) => {
  const { binFolder, version } = await findBinaries(say)
  const user = await unprivileged().catch((error) => {
    throw new BootFailure(`${error.message}. Start the cluster as another user, or set DATABASE_URL.`)
  })
  const data = path.join(folder, 'data')
  const program = (name) => path.join(binFolder, name)
  const environment = { ...process.env, LC_ALL: 'C.UTF-8' }
  const ownerUrl = `postgres://postgres:${ownerPassword}@127.0.0.1:${port}/${DATABASE}`
  const psql = (database, sql) =>
    mustRun(program('psql'), ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', database], {
      env: { ...environment, PGPASSWORD: ownerPassword, PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'postgres' },
      input: sql,
    })

  return {
    version,
    urls: {
      DATABASE_URL: `postgres://login:${loginPassword}@127.0.0.1:${port}/${DATABASE}`,
      DATABASE_OWNER_URL: ownerUrl,
    },
    /** Makes the folder of a new one; nothing where it is there. */
    initialise: () => initialise({ program, folder, data, user, environment, ownerPassword }),
    member: {
      name: 'postgres',
      file: program('postgres'),
      args: [
        '-D',
        data,
        ...Object.entries({ ...SETTINGS, port, unix_socket_directories: folder }).flatMap(([name, value]) => [
          '-c',
          `${name}=${value}`,
        ]),
      ],
      cwd: folder,
      env: environment,
      user,
      // Ends sessions instead of waiting for them.
      stopSignal: 'SIGINT',
      // A process for each look.
      probeEveryMs: 5_000,
      probe: async () => {
        const { code } = await command(program('pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)])
        // 1: it starts or stops; 2: nobody answers.
        return code === 2 ? undefined : code === 0
      },
    },
    /** The database itself, when the server runs for the first time. */
    createDatabase: async () => {
      const { stdout } = await psql('postgres', `select 1 from pg_database where datname = '${DATABASE}'`)
      if (stdout.trim() === '') await psql('postgres', `create database ${DATABASE}`)
    },
    /** After the migration, which makes the role. */
    letIn: () => psql(DATABASE, `alter role login password '${loginPassword}'`),
  }
}

const findBinaries = async (say) => {
  try {
    return await preparePostgresBinaries(say, { mayInstall: false })
  } catch (error) {
    throw new BootFailure(
      `The cluster needs PostgreSQL 15 or newer with pgvector: ${error.message.split('\n')[0]}. Install it (Debian: apt-get install postgresql), or set DATABASE_URL to a server that has it.`,
    )
  }
}

const initialise = async ({ program, folder, data, user, environment, ownerPassword }) => {
  if (existsSync(path.join(data, 'PG_VERSION'))) return
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  await needWay(folder, user)
  // An earlier start ended in the middle of this.
  rmSync(data, { recursive: true, force: true })
  const passwordFile = path.join(folder, 'password')
  writeFileSync(passwordFile, ownerPassword, { mode: 0o600 })
  if (user.uid !== undefined) chownSync(passwordFile, user.uid, user.gid)
  const names = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C.UTF-8']
  try {
    await mustRun(program('initdb'), [...names, `--pwfile=${passwordFile}`], {
      ...user,
      cwd: folder,
      env: environment,
      timeoutMs: INIT_TIMEOUT_MS,
    })
  } catch (error) {
    throw new BootFailure(`PostgreSQL cannot make its folder ${data}: ${error.message}`)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

/** Started by root it runs as another user, who has to get through all the folders above its own. */
const needWay = async (folder, user) => {
  if (user.uid === undefined) {
    accessSync(folder, constants.W_OK)
    return
  }
  const { code } = await command('test', ['-w', folder], user)
  if (code !== 0)
    throw new BootFailure(
      `PostgreSQL does not run as root, and the user that it runs as cannot get to ${folder}. Name a folder outside root's home with --data, such as /var/lib/quarry, or set DATABASE_URL.`,
    )
}

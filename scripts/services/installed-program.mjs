import { existsSync } from 'node:fs'
import path from 'node:path'
import { isRoot } from './cache-folder.mjs'
import { command, has, mustRun } from './command.mjs'

const INSTALL_TIMEOUT_MS = 300_000

/** Debian keeps servers where the PATH of an ordinary account does not lead. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/**
 * A server program that the cluster and the tests start by themselves.
 *
 * @typedef {object} Program
 * @property {string} title as people call it, with the oldest version that will do
 * @property {string} variable of the environment, which may name its file
 * @property {string[]} names of its file, the best first
 * @property {[number, number]} oldest major and minor version that will do
 * @property {string | string[]} [asksVersion] its flags for that, where they are others than --version
 * @property {string} debianPackage
 */

/** @type {Record<'redis' | 'pgbouncer' | 'nginx' | 'compose' | 'kubectl' | 'promtool' | 'prometheus', Program>} */
export const PROGRAMS = {
  redis: {
    title: 'Redis 7 or Valkey 8, or newer',
    variable: 'TEST_REDIS_SERVER',
    names: ['redis-server', 'valkey-server'],
    // 7.0 is what Debian 12 has.
    oldest: [7, 0],
    debianPackage: 'redis-server',
  },
  pgbouncer: {
    title: 'PgBouncer 1.18 or newer',
    variable: 'TEST_PGBOUNCER',
    names: ['pgbouncer'],
    oldest: [1, 18],
    debianPackage: 'pgbouncer',
  },
  nginx: {
    title: 'nginx 1.22 or newer',
    variable: 'TEST_NGINX',
    names: ['nginx'],
    // What Debian 12 has.
    oldest: [1, 22],
    asksVersion: '-v',
    debianPackage: 'nginx-light',
  },
  compose: {
    title: 'docker-compose 1.29 or newer',
    variable: 'TEST_DOCKER_COMPOSE',
    names: ['docker-compose'],
    // What Debian 12 has; the first that knows `service_completed_successfully`.
    oldest: [1, 29],
    debianPackage: 'docker-compose',
  },
  kubectl: {
    title: 'kubectl 1.20 or newer',
    variable: 'TEST_KUBECTL',
    names: ['kubectl'],
    // What Debian 12 has.
    oldest: [1, 20],
    asksVersion: ['version', '--client'],
    debianPackage: 'kubernetes-client',
  },
  promtool: {
    title: 'promtool of Prometheus 2.42 or newer',
    variable: 'TEST_PROMTOOL',
    names: ['promtool'],
    // What Debian 12 has.
    oldest: [2, 42],
    debianPackage: 'prometheus',
  },
  prometheus: {
    title: 'Prometheus 2.42 or newer',
    variable: 'TEST_PROMETHEUS',
    names: ['prometheus'],
    // What Debian 12 has.
    oldest: [2, 42],
    debianPackage: 'prometheus',
  },
}

/**
 * The file of a program: the one that its variable names, else an installed one that is new enough, else apt's.
 *
 * @param {Program} program
 * @param {(message: string) => void} say where long steps are announced
 * @throws an Error whose message says what to install
 */
export const findProgram = async (program, say) => {
  const given = process.env[program.variable]
  if (given !== undefined && given !== '') {
    const file = await fileOf(given)
    if (file !== undefined) return file
    throw new Error(`${program.variable} names ${given}, which is not there`)
  }
  return (await installed(program)) ?? (await fromApt(program, say))
}

/** An absolute path of a program on PATH or in one of the folders for servers. */
const fileOf = async (name) => {
  if (name.includes('/')) return existsSync(name) ? name : undefined
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...MORE_FOLDERS].filter((folder) =>
    path.isAbsolute(folder),
  )
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file))
}

/** The file of an installed program that is new enough; undefined where there is none. @param {Program} program */
export const installed = async ({ names, oldest: [major, minor], asksVersion = '--version' }) => {
  for (const name of names) {
    const file = await fileOf(name)
    if (file === undefined) continue
    const { stdout, stderr } = await command(file, [asksVersion].flat())
    const found = /(\d+)\.(\d+)/
      .exec(stdout + stderr)
      ?.slice(1)
      .map(Number) ?? [0, 0]
    if (found[0] > major || (found[0] === major && found[1] >= minor)) return file
  }
  return undefined
}

const fromApt = async (program, say) => {
  const { title, variable, debianPackage } = program
  const advice = `install ${title}, or set ${variable} to its program`
  if (!isRoot || !(await has('apt-get'))) throw new Error(advice)
  say(`installing ${debianPackage} with apt`)
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: INSTALL_TIMEOUT_MS }
  await command('apt-get', ['update', '-q'], options)
  try {
    await mustRun('apt-get', ['install', '-y', '-q', '--no-install-recommends', debianPackage], options)
  } catch (error) {
    throw new Error(`${advice}: ${error.message.split('\n').at(-1)}`, { cause: error })
  }
  // The package may start a server of its own; nobody asked for it, and it is not one that the tests use.
  await command('service', [debianPackage, 'stop'], { timeoutMs: INSTALL_TIMEOUT_MS })
  const file = await installed(program)
  if (file === undefined) throw new Error(`apt's ${debianPackage} is too old: ${advice}`)
  return file
}

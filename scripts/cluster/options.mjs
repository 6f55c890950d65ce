import { availableParallelism } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { BootFailure } from '../boot/failure.mjs'
import { ROOT } from '../boot/paths.mjs'

/** More than this is no single machine any more. */
const MOST_PROCESSES = 64

/** Two at least: while one is replaced or has died, the other one serves. */
const replicasOf = (cores) => Math.max(2, cores)
/** A worker starts parser processes of its own, which take the other cores. */
const workersOf = (cores) => Math.max(1, Math.ceil(cores / 2))

export const HELP = `Quarry as several processes on this machine: PostgreSQL, Redis, nginx, web replicas and workers.

Usage:
  npm run cluster -- [options]                  start, in the foreground, until Ctrl-C
  npm run -s cluster -- status [--json]         every process: state, readiness, restarts, memory, build
  npm run -s cluster -- scale web=4 worker=3    other numbers of web replicas or workers
  npm run -s cluster -- roll [--build <folder>] replace one process after the other, also by another build
  npm run -s cluster -- logs [name] [-f]        what they have written, and go on with -f
  npm run -s cluster -- stop                    stop all of it, in order

Options of a start:
  --replicas <n>     web replicas (as many as cores, 2 at least)
  --workers <n>      workers (one for two cores)
  --port <n>         where nginx listens (8080)
  --host <address>   the address that it listens on (127.0.0.1)
  --build <folder>   a checkout of Quarry that has been built (this one, built when something has changed)
  --tls-cert <file>  certificate chain, with --tls-key <file>: HTTPS and HTTP/2
Options of all commands:
  --data <folder>    where everything is kept (.quarry-cluster)
  --help             this text

DATABASE_URL (with DATABASE_OWNER_URL) and REDIS_URL name servers of yours; without them the cluster starts its own. All
other variables reach every process. Commands end with 0, or with 1 and one line that says what to do.`

const START = {
  replicas: { type: 'string' },
  workers: { type: 'string' },
  port: { type: 'string', default: '8080' },
  host: { type: 'string', default: '127.0.0.1' },
  build: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
}
/** What each command takes, apart from --data and --help. */
const COMMANDS = {
  start: { options: START, most: 0 },
  status: { options: { json: { type: 'boolean', default: false } }, most: 0 },
  scale: { options: {}, most: 2 },
  roll: { options: { build: { type: 'string' } }, most: 0 },
  logs: { options: { follow: { type: 'boolean', short: 'f', default: false } }, most: 1 },
  stop: { options: {}, most: 0 },
}
const EVERYWHERE = {
  data: { type: 'string', default: '.quarry-cluster' },
  help: { type: 'boolean', short: 'h', default: false },
}
const SEE_HELP = 'See `npm run -s cluster -- --help`.'

const wholeNumber = (text, { name, from, to }) => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= from && value <= to) return value
  throw new BootFailure(`${name} must be a whole number from ${from} to ${to}, not ${text}. ${SEE_HELP}`)
}

const parse = (args, { options, most }) => {
  let parsed
  try {
    parsed = parseArgs({ args, options: { ...options, ...EVERYWHERE }, allowPositionals: true })
  } catch (error) {
    throw new BootFailure(`${error.message.split('\n')[0]} ${SEE_HELP}`)
  }
  if (parsed.positionals.length > most)
    throw new BootFailure(`There is no place for “${parsed.positionals.slice(most).join(' ')}”. ${SEE_HELP}`)
  return parsed
}

/** `web=4 worker=3` as numbers. */
const wantedSizes = (words) => {
  const sizes = {}
  for (const word of words) {
    const [, kind, count] = /^(web|worker)=(.+)$/.exec(word) ?? []
    if (kind === undefined) throw new BootFailure(`Say web=<n> or worker=<n>, not “${word}”. ${SEE_HELP}`)
    sizes[kind] = wholeNumber(count, { name: kind, from: 1, to: MOST_PROCESSES })
  }
  if (Object.keys(sizes).length === 0) throw new BootFailure(`Scale what? Say web=<n>, worker=<n> or both. ${SEE_HELP}`)
  return sizes
}

const startOptions = (values, cores) => {
  const both = [values['tls-cert'], values['tls-key']].filter((file) => file !== undefined)
  if (both.length === 1) throw new BootFailure(`--tls-cert and --tls-key belong together. ${SEE_HELP}`)
  const count = (name, fallback) =>
    values[name] === undefined
      ? fallback
      : wholeNumber(values[name], { name: `--${name}`, from: 1, to: MOST_PROCESSES })
  return {
    replicas: count('replicas', replicasOf(cores)),
    workers: count('workers', workersOf(cores)),
    port: wholeNumber(values.port, { name: '--port', from: 1, to: 65_535 }),
    host: values.host,
    tls: both.length === 2 ? { cert: path.resolve(both[0]), key: path.resolve(both[1]) } : undefined,
  }
}

/**
 * What the arguments of `npm run cluster --` ask for.
 *
 * @param {string[]} args
 * @param {string} [from] the folder that paths are relative to
 * @throws BootFailure with a sentence that says what is wrong
 */
export const readArguments = (args, from = ROOT, cores = availableParallelism()) => {
  const named = args[0] !== undefined && !args[0].startsWith('-')
  const command = named ? args[0] : 'start'
  if (!Object.hasOwn(COMMANDS, command)) throw new BootFailure(`There is no command “${command}”. ${SEE_HELP}`)
  const { values, positionals } = parse(named ? args.slice(1) : args, COMMANDS[command])
  if (values.help) return { command: 'help' }
  const common = { command, folder: path.resolve(ROOT, values.data) }
  const build = values.build === undefined ? undefined : path.resolve(from, values.build)
  if (command === 'start') return { ...common, build, ...startOptions(values, cores) }
  if (command === 'status') return { ...common, json: values.json }
  if (command === 'scale') return { ...common, sizes: wantedSizes(positionals) }
  if (command === 'roll') return { ...common, build }
  if (command === 'logs') return { ...common, name: positionals[0], follow: values.follow }
  return common
}

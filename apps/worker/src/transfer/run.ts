import { isAbsolute, join } from 'node:path'
import { parseArgs } from 'node:util'
import { readAdapters, type Adapters, type Environment } from '@quarry/config'
import { transferJson } from '@quarry/contracts'
import {
  backUp,
  moveInstallation,
  restoreInstallation,
  TransferRefusal,
  type TransferReport,
  type TransferWatcher,
} from '@quarry/core/transfer'
import { COMMANDS, helpOf, type TransferCommand } from './commands.ts'

export interface TransferCall {
  readonly env: Environment
  /** Paths in arguments are relative to it. */
  readonly callerDir: string
  readonly watcher: TransferWatcher
  readonly signal: AbortSignal
  /** Result text. */
  readonly out: (text: string) => void
}

interface Done {
  readonly report: TransferReport
  /** What the person does next. */
  readonly next: readonly string[]
  /** For scripts. */
  readonly place: string
}

type Values = Readonly<Record<string, string | boolean | undefined>>

/** Runs one command line. Throws TransferRefusal with the one line that the person reads. */
export const runTransfer = async (
  command: TransferCommand,
  argv: readonly string[],
  call: TransferCall,
): Promise<void> => {
  const values = parse(command, argv)
  if (values['help'] === true) return call.out(helpOf(command))
  const { report, next, place } = await RUN[command](values, call)
  if (values['json'] === true) {
    const json = transferJson.parse({ command, dryRun: values['dry-run'] === true, place, ...report, next })
    call.out(`${JSON.stringify(json, null, 2)}\n`)
    return
  }
  call.out(`${[...summary(values, report), ...next].join('\n')}\n`)
}

const parse = (command: TransferCommand, argv: readonly string[]): Values => {
  try {
    const options: Readonly<Record<string, { type: 'string' | 'boolean' }>> = COMMANDS[command].options
    const { values } = parseArgs({ args: [...argv], options, strict: true })
    // No option may be given several times, so none is a list.
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    )
  } catch (error) {
    throw new TransferRefusal(
      `${error instanceof Error ? error.message.split('\n')[0] : 'The options are wrong'} See: quarry ${command} --help`,
    )
  }
}

const required = (values: Values, command: TransferCommand, name: string): string => {
  const value = values[name]
  if (typeof value !== 'string' || value === '')
    throw new TransferRefusal(`quarry ${command} needs --${name}. See: quarry ${command} --help`)
  return value
}

const pathFrom = ({ callerDir }: TransferCall, path: string): string =>
  isAbsolute(path) ? path : join(callerDir, path)

const common = (values: Values, { watcher, signal }: TransferCall) => ({
  watcher,
  signal,
  resume: values['resume'] === true,
  dryRun: values['dry-run'] === true,
})

const RUN: Readonly<Record<TransferCommand, (values: Values, call: TransferCall) => Promise<Done>>> = {
  backup: async (values, call) => {
    const name = `quarry-backup-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`
    const to = pathFrom(call, typeof values['to'] === 'string' ? values['to'] : name)
    const report = await backUp(readAdapters(call.env), { ...common(values, call), to })
    return {
      report,
      place: to,
      next: values['dry-run'] === true ? [] : [`It is in ${to}. Keep it as secret as the data folder.`],
    }
  },

  restore: async (values, call) => {
    const into = readAdapters(call.env)
    const from = pathFrom(call, required(values, 'restore', 'from'))
    const report = await restoreInstallation(into, { ...common(values, call), from })
    const secret =
      into.database.kind === 'embedded'
        ? []
        : [
            `Set AUTH_SECRET to what the backup's auth-secret says, if it has one; else to the one it ran with: or everybody signs in again.`,
          ]
    return {
      report,
      place: into.dataDir,
      next: values['dry-run'] === true ? [] : [...secret, 'Start Quarry: npm start'],
    }
  },

  move: async (values, call) => {
    const to = required(values, 'move', 'to')
    const ownerUrl = values['owner-url']
    const blobs = values['blobs']
    const from = readAdapters(call.env)
    const moved = readAdapters({
      ...call.env,
      DATABASE_URL: to,
      DATABASE_OWNER_URL: typeof ownerUrl === 'string' ? ownerUrl : undefined,
      ...(typeof blobs === 'string' ? { BLOB_URL: blobs } : {}),
    })
    if (moved.database.kind !== 'postgres') throw new TransferRefusal('--to must be a postgres:// address.')
    const report = await moveInstallation(from, {
      ...common(values, call),
      database: moved.database,
      blobs: typeof blobs === 'string' ? moved.blobs : null,
    })
    const next = values['dry-run'] === true ? [] : settingsAfter(values, from)
    return { report, place: withoutPassword(to), next }
  },
}

const settingsAfter = (values: Values, from: Adapters): string[] => [
  'Set these, then start Quarry: npm start',
  `  DATABASE_URL=${withoutPassword(String(values['to']))}`,
  ...(typeof values['owner-url'] === 'string' ? [`  DATABASE_OWNER_URL=${withoutPassword(values['owner-url'])}`] : []),
  from.database.kind === 'embedded'
    ? `  AUTH_SECRET=$(cat ${join(from.dataDir, 'auth-secret')})   unless it was set before; with it sessions go on`
    : '  AUTH_SECRET as before: with it sessions go on',
  typeof values['blobs'] === 'string'
    ? `  BLOB_URL=${values['blobs']}`
    : `  BLOB_URL as before${from.blobs.kind === 'file' ? ` (file://${from.blobs.root})` : ''}`,
  from.database.kind === 'embedded'
    ? `${from.dataDir} is as it was. Keep it until you have seen that all is there.`
    : 'The old database is as it was. Keep it until you have seen that all is there.',
]

const withoutPassword = (address: string): string => {
  const url = new URL(address)
  if (url.password !== '') url.password = '…'
  return decodeURI(url.href)
}

const summary = (
  values: Values,
  { organisations, rows, tables, blobs, requeued, resumed, seconds }: TransferReport,
): string[] => {
  const counts = `${organisations} ${organisations === 1 ? 'organisation' : 'organisations'}, ${rows} rows in ${new Set(tables.map(({ table }) => table)).size} tables, ${blobs.count} files`
  if (values['dry-run'] === true) return [`Would copy ${counts}. Nothing was written.`]
  return [
    `Done${resumed ? ', going on after the interruption' : ''}: ${counts} (${Math.round(blobs.bytes / 1024)} KiB) in ${seconds} s. Counts and checksums are equal.`,
    ...(requeued > 0 ? [`${requeued} files are still to be read or embedded; the worker goes on with them.`] : []),
    ...(blobs.missing.length > 0
      ? [`${blobs.missing.length} files were missing already: ${blobs.missing.join(', ')}`]
      : []),
    ...(blobs.damaged.length > 0
      ? [`${blobs.damaged.length} files were damaged already, and were left out: ${blobs.damaged.join(', ')}`]
      : []),
  ]
}

import { statfs } from 'node:fs/promises'
import type { z } from 'zod'
import { doctorJson, health } from '@quarry/contracts'
import type { CommandContext } from '../command.ts'
import { defineCommand, JSON_OPTION } from '../command.ts'
import { CommandFailure } from '../failure.ts'
import type { Connection } from '../server/connection.ts'
import { explainFailure } from '../server/errors.ts'
import { printJson } from '../terminal/json.ts'
import { table } from '../terminal/table.ts'

type Check = z.infer<typeof doctorJson>['checks'][number]

/** Below this, node cannot run TypeScript as it stands (nodejs.org, type stripping without a flag). */
const NODE_FLOOR = [22, 18] as const
/** A collection of a few thousand pages with its index takes about this much. */
const FREE_SPACE_FLOOR_BYTES = 1e9
/** A healthy server answers at once; a person waits for this command. */
const REQUEST_TIMEOUT_MS = 5000

export const doctorCommand = defineCommand({
  name: 'doctor',
  takes: '',
  summary: 'Check that the server, its parts and your key are in order.',
  details: ['Says of each what to do. Exits with 1 when something is wrong; what is only worth a look is no reason.'],
  options: { json: JSON_OPTION },
  examples: ['doctor', 'doctor --json'],
  async run(context, options) {
    const checks = await runChecks(context)
    const wrong = checks.filter(({ ok }) => !ok)
    const { terminal } = context
    if (options.json === true) printJson(terminal, doctorJson, { ok: wrong.length === 0, checks })
    else {
      const { green, red, yellow } = terminal.style
      const lines = table(checks.map(({ name, detail }) => [name, detail])).split('\n')
      for (const [index, { ok, warning }] of checks.entries()) {
        const mark = warning ? yellow('look ') : ok ? green('ok   ') : red('wrong')
        terminal.out(`${mark}  ${lines[index]}\n`)
      }
    }
    if (wrong.length > 0) {
      throw new CommandFailure(
        `${wrong.length} of ${checks.length} checks failed: ${wrong.map(({ name }) => name).join(', ')}.`,
      )
    }
    return 0
  },
})

const runChecks = async (context: CommandContext): Promise<Check[]> => {
  const checks: Check[] = [nodeCheck(process.versions.node)]
  let connection: Connection
  try {
    connection = await context.connect()
  } catch (error) {
    return [...checks, { name: 'credentials', ok: false, detail: explainFailure(error, '').message }]
  }
  const { url, source } = connection.credentials
  checks.push({ name: 'credentials', ok: true, detail: `for ${url}, from ${source}` })
  const server = await attempt('server', url, async () => {
    const response = await connection.request('/api/health/live', { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    if (!response.ok) throw new CommandFailure(`${url} answered with HTTP ${response.status}.`)
    return `${url} answers`
  })
  checks.push(server)
  if (server.ok) checks.push(...(await partChecks(connection)), ...(await keyChecks(connection)))
  if (isLoopback(url)) checks.push(await spaceCheck(context.env.dataDir))
  return checks
}

const nodeCheck = (version: string): Check => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const ok = major > NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor >= NODE_FLOOR[1])
  return { name: 'node', ok, detail: ok ? version : `${version}, but ${NODE_FLOOR.join('.')} or newer is needed` }
}

/** The parts that the server says it needs; it answers 503 with the same body when one is missing. */
const partChecks = async (connection: Connection): Promise<Check[]> => {
  const { url } = connection.credentials
  try {
    const response = await connection.request('/api/health/ready', { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    const parsed = health.safeParse(await response.json().catch(() => null))
    if (!parsed.success) return [{ name: 'ready', ok: false, detail: `${url} does not say whether it is ready.` }]
    return [
      { name: 'ready', ok: parsed.data.ok, detail: parsed.data.ok ? 'takes requests' : 'not all parts are there' },
      ...parsed.data.parts,
      ...parsed.data.findings.map(({ name, level, detail }) => ({
        name,
        ok: level !== 'error',
        ...(level === 'warning' && { warning: true }),
        detail,
      })),
    ]
  } catch (error) {
    return [{ name: 'ready', ok: false, detail: explainFailure(error, url).message }]
  }
}

const keyChecks = async ({ api, credentials }: Connection): Promise<Check[]> => {
  try {
    const me = await api.session.me.query()
    return [
      { name: 'key', ok: true, detail: `${me.name}, ${me.role} of ${me.organisation.name}` },
      { name: 'model', ok: true, detail: me.model.builtIn ? 'the built-in answerer, which quotes' : me.model.id },
    ]
  } catch (error) {
    return [{ name: 'key', ok: false, detail: explainFailure(error, credentials.url).message }]
  }
}

const spaceCheck = async (folder: string): Promise<Check> => {
  const name = 'free space'
  try {
    const { bavail, bsize } = await statfs(folder)
    const free = bavail * bsize
    return { name, ok: free >= FREE_SPACE_FLOOR_BYTES, detail: `${(free / 1e9).toFixed(1)} GB at ${folder}` }
  } catch {
    // A server on this machine may keep its data elsewhere, or in another account's folder.
    return { name, ok: true, detail: `not checked: there is no data folder at ${folder}` }
  }
}

const attempt = async (name: string, url: string, check: () => Promise<string>): Promise<Check> => {
  try {
    return { name, ok: true, detail: await check() }
  } catch (error) {
    return { name, ok: false, detail: explainFailure(error, url).message }
  }
}

const isLoopback = (url: string): boolean => /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/u.test(new URL(url).hostname)

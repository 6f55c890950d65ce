import { readFileSync } from 'node:fs'
import { command } from '../services/command.mjs'

const MEBIBYTE_IN_KIB = 1024

/** Of what several processes share, each one's part (PSS, KiB); undefined where the system does not say. */
const fairShareOf = (pid) => {
  try {
    return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

/**
 * Adds to each process its memory (RSS, MiB), and that of all that it has started: PostgreSQL's sessions share most of
 * theirs, which counts once.
 *
 * @param {{ processes: { pid: number | null }[] }} view
 */
export const withMemory = async (view) => {
  const { stdout } = await command('ps', ['-A', '-o', 'pid=,ppid=,rss='])
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const below = Map.groupBy(rows, ([, parent]) => parent)
  const own = new Map(rows.map(([pid, , rss]) => [pid, rss]))
  const started = (pid) =>
    (below.get(pid) ?? []).reduce((total, [child, , rss]) => total + (fairShareOf(child) ?? rss) + started(child), 0)
  const sum = (pid) => (own.get(pid) ?? 0) + started(pid)
  const processes = view.processes.map((one) => ({
    ...one,
    rssMb: one.pid === null ? null : Math.round(sum(one.pid) / MEBIBYTE_IN_KIB),
  }))
  return { ...view, processes }
}

const COLUMNS = ['process', 'pid', 'state', 'ready', 'for', 'restarts', 'RSS', 'port', 'index', 'build']

/** The status as a table for people. @param {Awaited<ReturnType<typeof withMemory>>} view */
export const statusTable = ({ address, folder, version, build, buildFolder, supervisor, busy, processes }) => {
  const rows = processes.map((one) => [
    ...[one.name, String(one.pid ?? '–'), one.state, one.ready ? 'yes' : 'no', durationOf(one.since)],
    ...[
      String(one.restarts),
      one.rssMb === null ? '–' : `${one.rssMb} MB`,
      String(one.port ?? ''),
      String(one.index ?? ''),
    ],
    one.build === undefined ? '' : `${one.version} ${one.build.slice(0, 8)}`,
  ])
  const widths = COLUMNS.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)))
  const line = (cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd()
  const trouble = processes
    .filter(({ nextTry }) => nextTry !== null)
    .map(
      ({ name, restarts, lastEnd, log }) =>
        `${name} has been started again ${restarts} times (${lastEnd?.how}); its log: ${log}`,
    )
  return [
    `${address}, ${version} (${build}) of ${buildFolder}, state in ${folder}, supervisor ${supervisor}`,
    ...(busy === null ? [] : [`A ${busy} is under way.`]),
    '',
    line(COLUMNS),
    ...rows.map(line),
    ...(trouble.length === 0 ? [] : ['', ...trouble]),
  ].join('\n')
}

const durationOf = (since) => {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(since)) / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  return `${Math.floor(seconds / 3600)} h`
}

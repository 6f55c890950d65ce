import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second, and memory in pages of 4 KiB. */
const TICKS_PER_SECOND = 100
const PAGE_MB = 4096 / 1e6

const read = (pid) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name in brackets, and may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    parent: Number(fields[1]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND,
    rssMb: Math.round(Number(fields[21]) * PAGE_MB),
  }
}

/**
 * Memory and processor time of processes and of all that they have started (not with `alone`), by name; those that are
 * gone are left out.
 * `rssMb` is of the process itself: the backends of PostgreSQL share most of theirs, and a parser's is bounded.
 *
 * @param {readonly { name: string, pid: number, alone?: boolean }[]} processes
 */
export const usageOf = (processes) => {
  const all = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      all.set(Number(name), read(name))
    } catch {
      // It ended while we looked.
    }
  }
  const children = Map.groupBy(all.keys(), (pid) => all.get(pid).parent)
  const cpuWith = (pid) =>
    (all.get(pid)?.cpuSeconds ?? 0) + (children.get(pid) ?? []).reduce((sum, child) => sum + cpuWith(child), 0)
  return processes
    .filter(({ pid }) => all.has(pid))
    .map(({ name, pid, alone }) => {
      const { rssMb, cpuSeconds } = all.get(pid)
      return { name, pid, rssMb, cpuSeconds: alone === true ? cpuSeconds : cpuWith(pid) }
    })
}

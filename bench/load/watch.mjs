import { ownerClient } from '../../packages/db/src/client/owner-client.ts'
import { loopDelays, hitRatio, hitRatios, scrape } from './metrics.mjs'
import { usageOf } from './processes.mjs'

/** Often enough to see a peak of connections, and seldom enough to cost nothing. */
const EVERY_MS = 2_000
/** Of these looks each fifth reads metrics: a process measures its event loop over ten seconds. */
const METRICS_EVERY = 5

/**
 * Looks at the machine while a stage is measured: memory and processor time of each process, connections of the database,
 * what the processes count.
 *
 * @param {{ adapter: object, processes: () => { name: string, pid: number }[], metrics: () => { name: string, url: string }[] }} scene
 */
export const watchMachine = ({ adapter, processes, metrics }) => {
  const sql = ownerClient(adapter)
  const connections = async () => {
    const [row] = await sql`
      select count(*)::int as all, count(*) filter (where state = 'active')::int as active from pg_stat_activity
      where application_name like 'quarry-%'`
    return row
  }
  return {
    /** Begins to look; what it returns ends that and tells what was seen. */
    begin: async () => {
      const startedAt = performance.now()
      const usage = usageOf(processes())
      const counted = await scrape(metrics())
      const seen = { mostConnections: 0, mostActive: 0, rss: {}, loop: {}, looks: [] }
      let turn = 0
      let looking = Promise.resolve()
      const look = async () => {
        const { all, active } = await connections()
        seen.mostConnections = Math.max(seen.mostConnections, all)
        seen.mostActive = Math.max(seen.mostActive, active)
        for (const { name, rssMb } of usageOf(processes())) seen.rss[name] = Math.max(seen.rss[name] ?? 0, rssMb)
        if (turn++ % METRICS_EVERY !== METRICS_EVERY - 1) return
        for (const [name, ms] of Object.entries(loopDelays(await scrape(metrics()))))
          seen.loop[name] = Math.max(seen.loop[name] ?? 0, ms)
      }
      // A look that fails is one less: the database may be what is overloaded.
      const timer = setInterval(() => {
        looking = looking.then(look).catch(() => {})
      }, EVERY_MS)
      return async () => {
        clearInterval(timer)
        await looking
        const seconds = (performance.now() - startedAt) / 1_000
        const before = new Map(usage.map(({ pid, cpuSeconds }) => [pid, cpuSeconds]))
        const after = await scrape(metrics())
        const now = usageOf(processes())
        return {
          connections: { most: seen.mostConnections, mostActive: seen.mostActive },
          rssMb: seen.rss,
          cpu: Object.fromEntries(
            now.map(({ name, pid, cpuSeconds }) => [
              name,
              Number(((cpuSeconds - (before.get(pid) ?? 0)) / seconds).toFixed(2)),
            ]),
          ),
          eventLoopP99Ms: { ...loopDelays(after), ...seen.loop },
          hitRatio: hitRatio(counted, after),
          hitRatios: hitRatios(counted, after),
        }
      }
    },
    stop: () => sql.end(),
  }
}

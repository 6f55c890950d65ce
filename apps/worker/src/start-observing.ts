import type { Observability } from '@quarry/config'
import type { WorkerCore } from '@quarry/core/worker'
import { openReports, openTracing, serveMetrics, watchProcess, type Logger } from '@quarry/observability'

/** A worker is code like any other, and is told apart by its process alone. */
const BUILD = 'worker'

/** From now on this process can be seen: its metrics and health, traces and reports where they are wanted. */
export const startObserving = async (
  core: Pick<WorkerCore, 'metrics' | 'health'>,
  { process: { kind, index }, metrics: address, traces, sentryDsn }: Observability,
  logger: Logger,
): Promise<void> => {
  const { metrics } = core
  metrics.processInfo.set({ kind, index: String(index), build: BUILD }, 1)
  if (traces) await openTracing(traces, { build: BUILD, index })
  if (sentryDsn !== null) openReports(sentryDsn, { kind, build: BUILD })
  if (address === null) return
  watchProcess(metrics)
  await serveMetrics({ ...address, metrics, logger, ready: () => core.health() })
}

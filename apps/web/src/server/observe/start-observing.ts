import { openReports, openTracing, serveMetrics, watchProcess } from '@quarry/observability'
import type { WebCore } from '@quarry/core/web'
import type { WebEnv } from '../../env.ts'
import type { EntryPort } from '../entry-port.ts'
import { createRequestObserver } from './requests.ts'

declare global {
  var quarryObserved: boolean | undefined
}

/** From now on this process can be seen: its metrics, a line for each request, traces and reports where they are wanted. Once. */
export const startObserving = async (core: WebCore, env: WebEnv, port: EntryPort): Promise<void> => {
  if (globalThis.quarryObserved) return
  globalThis.quarryObserved = true
  const { observability } = env
  const { metrics, logger } = core.deps
  const { kind, index } = observability.process
  metrics.processInfo.set({ kind, index: String(index), build: core.build }, 1)
  port.observers.add(createRequestObserver(core))
  if (observability.traces) await openTracing(observability.traces, { build: core.build, index })
  if (observability.sentryDsn !== null) openReports(observability.sentryDsn, { kind, build: core.build })
  if (observability.metrics === null) return
  watchProcess(metrics)
  await serveMetrics({ ...observability.metrics, metrics, logger, ready: () => port.health() })
}

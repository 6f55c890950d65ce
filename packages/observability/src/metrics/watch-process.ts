import { monitorEventLoopDelay } from 'node:perf_hooks'
import { collectDefaultMetrics } from 'prom-client'
import type { Metrics } from './create-metrics.ts'

/** The histogram's clock ticks so often; finer costs more, and what matters begins at 50 ms. */
const RESOLUTION_MS = 10
/** What is told is of whole windows, so that two readers do not take it from each other. */
const WINDOW_MS = 10_000
const NANOSECONDS = 1e9
const QUANTILES = [0.5, 0.9, 0.99, 1] as const

/** Measures the process as a whole: its event loop, garbage collection, memory, processor. Once per process. */
export const watchProcess = (metrics: Metrics): (() => void) => {
  collectDefaultMetrics({ register: metrics.registry })
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  loop.enable()
  const tell = () => {
    for (const quantile of QUANTILES) {
      const late = quantile === 1 ? loop.max : loop.percentile(quantile * 100)
      // An empty window has neither, and a tick in time counts as the resolution.
      const seconds = loop.count === 0 ? 0 : Math.max(0, late / NANOSECONDS - RESOLUTION_MS / 1000)
      metrics.eventLoopDelay.set({ quantile: String(quantile) }, seconds)
    }
    loop.reset()
  }
  tell()
  const timer = setInterval(tell, WINDOW_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    loop.disable()
  }
}

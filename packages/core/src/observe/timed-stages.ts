import type { Metrics } from '@quarry/observability'

/** Of a job's report of where it is; told on to `report`. */
export interface TimedStages {
  readonly report: (stage: string, progress: number) => void
  /** The last stage is over. */
  end(): void
}

/** Measures how long a document is in each of its stages; one that it comes back to counts again. */
export const timeStages = (metrics: Metrics, report: (stage: string, progress: number) => void): TimedStages => {
  let stage: string | null = null
  let since = 0
  const end = () => {
    if (stage !== null) metrics.ingestionStageSeconds.observe({ stage }, (performance.now() - since) / 1000)
    stage = null
  }
  return {
    report: (next, progress) => {
      if (next !== stage) {
        end()
        stage = next
        since = performance.now()
      }
      report(next, progress)
    },
    end,
  }
}

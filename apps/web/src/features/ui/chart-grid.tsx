import { ChartTable } from './chart-table.tsx'
import { type Series, TimeChart } from './time-chart.tsx'

export interface Chart {
  readonly title: string
  readonly kind: 'bars' | 'lines'
  readonly series: readonly Series[]
  readonly format: (value: number) => string
  /** What is said where all values are nothing. */
  readonly nothing: string
  /** The top of the scale, where there is a most; else a round number above the values. */
  readonly top?: number
}

/** Charts over the same time, each with its figures as a table. */
export const ChartGrid = ({ times, charts }: { times: readonly string[]; charts: readonly Chart[] }) => (
  <div className="grid items-start gap-3 md:grid-cols-3">
    {charts.map((chart) => (
      <div key={chart.title} className="min-w-0">
        <TimeChart {...chart} times={times} />
        <ChartTable {...chart} times={times} />
      </div>
    ))}
  </div>
)

import type { JobOverview } from '@quarry/contracts'
import { formatDuration } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { ChartTable } from './chart-table.tsx'
import { type Series, TimeChart } from './time-chart.tsx'

type Bucket = JobOverview['buckets'][number]

const quantilesOf = (buckets: readonly Bucket[], of: 'waitMs' | 'durationMs'): Series[] => [
  { key: 'p50', label: t('jobs.chart.p50'), tone: 'good', values: buckets.map((bucket) => bucket[of]?.p50 ?? null) },
  { key: 'p95', label: t('jobs.chart.p95'), tone: 'warn', values: buckets.map((bucket) => bucket[of]?.p95 ?? null) },
]

const countsOf = (buckets: readonly Bucket[]): Series[] => [
  { key: 'succeeded', label: t('jobs.chart.succeeded'), tone: 'good', values: buckets.map((b) => b.succeeded) },
  { key: 'failed', label: t('jobs.chart.failed'), tone: 'danger', values: buckets.map((b) => b.failed) },
  { key: 'cancelled', label: t('jobs.chart.cancelled'), tone: 'neutral', values: buckets.map((b) => b.cancelled) },
]

const formatCount = (count: number): string => count.toLocaleString()

/** How many jobs ended, how long they had waited, and how long they took. */
export const JobCharts = ({ buckets }: { buckets: readonly Bucket[] }) => {
  const times = buckets.map(({ at }) => at)
  const charts = [
    { title: t('jobs.chart.throughput'), kind: 'bars', series: countsOf(buckets), format: formatCount },
    { title: t('jobs.chart.wait'), kind: 'lines', series: quantilesOf(buckets, 'waitMs'), format: formatDuration },
    {
      title: t('jobs.chart.duration'),
      kind: 'lines',
      series: quantilesOf(buckets, 'durationMs'),
      format: formatDuration,
    },
  ] as const
  return (
    <div className="grid items-start gap-3 md:grid-cols-3">
      {charts.map(({ title, kind, series, format }) => (
        <div key={title} className="min-w-0">
          <TimeChart title={title} kind={kind} times={times} series={series} format={format} />
          <ChartTable title={title} times={times} series={series} format={format} />
        </div>
      ))}
    </div>
  )
}

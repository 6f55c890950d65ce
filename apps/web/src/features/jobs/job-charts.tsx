import type { JobOverview } from '@quarry/contracts'
import { formatDuration } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { type Chart, ChartGrid } from '../ui/chart-grid.tsx'
import type { Series } from '../ui/time-chart.tsx'

type Bucket = JobOverview['buckets'][number]

const quantilesOf = (buckets: readonly Bucket[], of: 'waitMs' | 'durationMs'): Series[] => [
  { key: 'p50', label: t('chart.p50'), tone: 'good', values: buckets.map((bucket) => bucket[of]?.p50 ?? null) },
  { key: 'p95', label: t('chart.p95'), tone: 'warn', values: buckets.map((bucket) => bucket[of]?.p95 ?? null) },
]

const countsOf = (buckets: readonly Bucket[]): Series[] => [
  { key: 'succeeded', label: t('jobs.chart.succeeded'), tone: 'good', values: buckets.map((b) => b.succeeded) },
  { key: 'failed', label: t('jobs.chart.failed'), tone: 'danger', values: buckets.map((b) => b.failed) },
  { key: 'cancelled', label: t('jobs.chart.cancelled'), tone: 'neutral', values: buckets.map((b) => b.cancelled) },
]

const formatCount = (count: number): string => count.toLocaleString()

const chartsOf = (buckets: readonly Bucket[]): Chart[] => {
  const nothing = t('jobs.chart.nothing')
  const lasting = { kind: 'lines', format: formatDuration, nothing } as const
  return [
    { title: t('jobs.chart.throughput'), kind: 'bars', series: countsOf(buckets), format: formatCount, nothing },
    { title: t('jobs.chart.wait'), series: quantilesOf(buckets, 'waitMs'), ...lasting },
    { title: t('jobs.chart.duration'), series: quantilesOf(buckets, 'durationMs'), ...lasting },
  ]
}

/** How many jobs ended, how long they had waited, and how long they took. */
export const JobCharts = ({ buckets }: { buckets: readonly Bucket[] }) => (
  <ChartGrid times={buckets.map(({ at }) => at)} charts={chartsOf(buckets)} />
)

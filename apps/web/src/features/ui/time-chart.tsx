import { formatHour } from '../../i18n/format.ts'

/**
 * Bars or lines over time. Our own, because it is small: charts like these take a library of 116 kB (Recharts) or one
 * that draws on a canvas, where neither the colours of the theme nor a screen reader reach (uPlot, 23 kB).
 */
export interface Series {
  readonly key: string
  readonly label: string
  /** Of `TONES`. */
  readonly tone: keyof typeof TONES
  /** One for each of the times; null: nothing is known of it. */
  readonly values: readonly (number | null)[]
}

/** Told apart without colours as well: lines by their dashes, bars by their order, which the legend has too. */
const TONES = {
  good: { text: 'text-accent', dash: undefined },
  danger: { text: 'text-danger', dash: undefined },
  neutral: { text: 'text-control', dash: undefined },
  warn: { text: 'text-warn', dash: '4 3' },
} as const

interface TimeChartProps {
  title: string
  kind: 'bars' | 'lines'
  /** Ascending moments, at the same distance. */
  times: readonly string[]
  series: readonly Series[]
  format: (value: number) => string
  /** What is said where all values are nothing. */
  nothing: string
  /** The top of the scale, where there is a most. */
  top?: number
}

const HEIGHT = 100
const STEP = 10
/** Of a step: the rest is the gap between two bars. */
const BAR = 8

/** The next of 1, 2 and 5 times a power of ten, so that the top of the scale is a number that people read at once. */
export const niceCeiling = (value: number): number => {
  if (value <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power
}

const Bars = ({ series, at, top }: { series: readonly Series[]; at: number; top: number }) => {
  let height = 0
  return series.map(({ key, tone, values }) => {
    const part = ((values[at] ?? 0) / top) * HEIGHT
    height += part
    return part === 0 ? null : (
      <rect
        key={key}
        x={at * STEP + (STEP - BAR) / 2}
        y={HEIGHT - height}
        width={BAR}
        height={part}
        className={TONES[tone].text}
        fill="currentColor"
      />
    )
  })
}

/** A line through what is known; a single known value between unknown ones is a dot. */
const pathOf = (values: readonly (number | null)[], top: number): string =>
  values
    .map((value, at) => {
      if (value === null) return ''
      const place = `${at * STEP + STEP / 2} ${HEIGHT - (value / top) * HEIGHT}`
      return (values[at - 1] ?? null) === null ? `M${place}h0.01` : `L${place}`
    })
    .join('')

export const TimeChart = ({ title, kind, times, series, format, nothing, top: most }: TimeChartProps) => {
  const sums = times.map((_, at) => {
    const here = series.map(({ values }) => values[at] ?? 0)
    return kind === 'bars' ? here.reduce((sum, value) => sum + value, 0) : Math.max(...here)
  })
  const top = most ?? niceCeiling(Math.max(0, ...sums))
  const isEmpty = series.every(({ values }) => values.every((value) => (value ?? 0) === 0))
  const textOf = (value: number | null | undefined) => (value === null || value === undefined ? '–' : format(value))
  const [first] = times
  const last = times.at(-1)
  return (
    <figure className="min-w-0 rounded-xl border border-line bg-surface p-3.5" data-testid="chart">
      <figcaption className="text-[0.8125rem] font-medium">{title}</figcaption>
      <div className="mt-1 flex flex-wrap gap-x-3 text-xs text-ink-2">
        {series.map(({ key, label, tone }) => (
          <span key={key} className="inline-flex items-center gap-1.5">
            <svg viewBox="0 0 14 8" className={`h-2 w-3.5 ${TONES[tone].text}`} aria-hidden>
              {kind === 'bars' ? (
                <rect width="14" height="8" rx="2" fill="currentColor" />
              ) : (
                <path d="M0 4h14" stroke="currentColor" strokeWidth="2" strokeDasharray={TONES[tone].dash} />
              )}
            </svg>
            {label}
          </span>
        ))}
      </div>
      <div aria-hidden className="relative mt-2.5 h-28">
        <span className="absolute start-0 top-0 bg-surface pe-1 text-[0.6875rem] leading-none text-ink-3 tabular-nums">
          {isEmpty ? '' : format(top)}
        </span>
        <svg
          viewBox={`0 0 ${times.length * STEP} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-full w-full border-b border-line-strong"
        >
          {kind === 'lines' &&
            series.map(({ key, tone, values }) => (
              <path
                key={key}
                d={pathOf(values, top)}
                className={TONES[tone].text}
                fill="none"
                stroke="currentColor"
                strokeWidth="2"
                strokeLinecap="round"
                strokeDasharray={TONES[tone].dash}
                vectorEffect="non-scaling-stroke"
              />
            ))}
          {times.map((time, at) => (
            <g key={time}>
              {kind === 'bars' && <Bars series={series} at={at} top={top} />}
              <rect x={at * STEP} width={STEP} height={HEIGHT} fill="transparent">
                <title>
                  {[formatHour(time), ...series.map((one) => `${one.label}: ${textOf(one.values[at])}`)].join('\n')}
                </title>
              </rect>
            </g>
          ))}
        </svg>
        {isEmpty && <p className="absolute inset-0 grid place-items-center text-xs text-ink-3">{nothing}</p>}
      </div>
      <p aria-hidden className="mt-1 flex justify-between text-[0.6875rem] text-ink-3 tabular-nums">
        <span>{first === undefined ? '' : formatHour(first)}</span>
        <span>{last === undefined ? '' : formatHour(last)}</span>
      </p>
    </figure>
  )
}

import { describe, expect, it } from 'vitest'
import { readObservability } from './observability.ts'

describe('what can be seen of a process', () => {
  it('is its metrics on this machine alone, and nothing is sent anywhere', () => {
    expect(readObservability('web', {})).toEqual({
      process: { kind: 'web', index: 0 },
      metrics: { host: '127.0.0.1', port: 9090 },
      ...{ traces: null, sentryDsn: null, tokenPrices: null },
    })
    expect(readObservability('worker', {}).metrics?.port).toBe(9091)
    expect(readObservability('worker', { PROCESS_INDEX: '7', METRICS_PORT: '9100' }).metrics?.port).toBe(9107)
    expect(readObservability('web', { ENABLE_METRICS: 'false' }).metrics).toBeNull()
  })

  it('is traced where an endpoint is given', () => {
    const traced = readObservability('worker', {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc==, x-scope=a',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    }).traces
    expect(traced).toEqual({
      url: 'http://collector:4318/v1/traces',
      headers: { authorization: 'Basic abc==', 'x-scope': 'a' },
      serviceName: 'quarry-worker',
      share: 0.25,
    })
  })

  it.each([
    ['METRICS_PORT', '70000'],
    ['ENABLE_METRICS', 'yes'],
    ['PROCESS_INDEX', '-1'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'nonsense'],
    ['SENTRY_DSN', 'sentry.io/1'],
    ['LLM_PRICE_INPUT', '1,5'],
  ])('%s=%s is refused by its name', (name, value) => {
    expect(() => readObservability('web', { [name]: value })).toThrow(name)
  })

  it('has prices where one is given', () => {
    expect(readObservability('web', { LLM_PRICE_OUTPUT: '10' }).tokenPrices).toEqual({ input: 0, output: 10 })
  })
})

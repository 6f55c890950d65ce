import { describe, expect, it, onTestFinished } from 'vitest'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics/create-metrics.ts'
import { watchProcess } from './metrics/watch-process.ts'
import { serveMetrics } from './metrics-server.ts'

const serve = async (port = 0, ready = () => Promise.resolve({ ok: true })) => {
  const lines: string[] = []
  const logger = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } })
  const metrics = createMetrics()
  const server = await serveMetrics({ host: '127.0.0.1', port, metrics, logger, ready })
  onTestFinished(() => server?.close())
  return { server, metrics, lines, base: `http://127.0.0.1:${server?.port}` }
}

describe('the server of metrics', () => {
  it('tells what is counted, and what the process does as a whole', async () => {
    const { metrics, base } = await serve()
    onTestFinished(watchProcess(metrics))
    metrics.tokens.inc({ kind: 'output' }, 3)
    const response = await fetch(`${base}/metrics`)
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const text = await response.text()
    expect(text).toContain('quarry_tokens_total{kind="output"} 3')
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_gc_duration_seconds',
      'quarry_event_loop_delay_seconds{quantile="0.99"}',
    ])
      expect(text).toContain(name)
  })

  it('says whether the process lives and whether it is ready', async () => {
    let ok = true
    const { base } = await serve(0, () => Promise.resolve({ ok, parts: [{ name: 'database', ok }] }))
    expect((await fetch(`${base}/api/health/live`)).status).toBe(200)
    expect((await fetch(`${base}/api/health/ready`)).status).toBe(200)
    ok = false
    const away = await fetch(`${base}/api/health/ready`)
    expect(away.status).toBe(503)
    expect(await away.json()).toMatchObject({ parts: [{ name: 'database', ok: false }] })
    expect((await fetch(`${base}/api/health/live`)).status).toBe(200)
  })

  it('tells nothing else', async () => {
    const { base } = await serve()
    expect((await fetch(`${base}/`)).status).toBe(404)
    expect((await fetch(`${base}/metrics`, { method: 'POST' })).status).toBe(404)
  })

  it('goes on without where the port is taken, and says what to do', async () => {
    const first = await serve()
    const second = await serve(first.server?.port)
    expect(second.server).toBeNull()
    expect(second.lines.join('')).toMatch(/EADDRINUSE.*PROCESS_INDEX/s)
    expect((await fetch(`${first.base}/metrics`)).status).toBe(200)
  })
})

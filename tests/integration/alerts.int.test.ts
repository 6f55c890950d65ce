import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freeRange, PRODUCT_RULES, readRules, startPrometheus, type Prometheus } from '../fixtures/prometheus/index.ts'
import { startProduct, waitUntil, type Product } from '../fixtures/product/index.ts'

/** An alert of two minutes is one of two seconds; alerts.*.proof.test.ts are the long forms. */
const FACTOR = 60
/** Each is scraped every second and a half, and the machine may have other things to do. */
const SEEN_MS = 30_000

const rules = readRules(readFileSync(PRODUCT_RULES, 'utf8')).groups.flatMap((group) => group.rules)
/** What the rules ask for by its own name: with its labels, and inside `increase` or not. */
const SERIES = /\b(quarry_[a-z_]+|process_[a-z_]+)(\{[^}]*\})?/g
const named = [...new Set(rules.flatMap(({ expr }) => [...expr.matchAll(SERIES)].map(([, name = '']) => name)))]
const increased = [
  ...new Set(
    rules.flatMap(({ expr }) => [...expr.matchAll(/increase\(([^[]+)\[/g)].map(([, selector = '']) => selector)),
  ),
]

let product: Product
let prometheus: Prometheus
beforeAll(async () => {
  const metricsPort = await freeRange(2)
  product = await startProduct({ env: { METRICS_PORT: String(metricsPort) } })
  // Of `npm start`: the web server has the index 0, the worker 1.
  const at = (index: number) => [`127.0.0.1:${metricsPort + index}`]
  prometheus = await startPrometheus({ factor: FACTOR, targets: { 'quarry-web': at(0), 'quarry-worker': at(1) } })
  await waitUntil('both are scraped and the rules are asked', SEEN_MS, async () => {
    const [targets, asked] = await Promise.all([prometheus.targets(), prometheus.rules()])
    const isAsked = asked.length > 0 && asked.every(({ health }) => health !== 'unknown')
    return isAsked && targets.length > 0 && targets.every(({ health }) => health !== 'unknown')
  })
})
afterAll(async () => {
  await prometheus?.stop()
  await product?.stop()
})

describe('a Prometheus that has the product’s configuration and rules', () => {
  it('scrapes a web server and a worker', async () => {
    const targets = await prometheus.targets()
    expect(
      targets.map(({ labels, health, lastError }) => `${labels['job']} ${health} ${lastError}`).toSorted(),
    ).toEqual(['quarry-web up ', 'quarry-worker up '])
  })

  it('has no rule that cannot be evaluated', async () => {
    const asked = await prometheus.rules()
    const names = rules.map(({ alert, record }) => alert ?? record ?? '')
    expect(asked.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
    expect(asked.filter(({ health, lastError }) => health !== 'ok' || lastError)).toEqual([])
  })

  it('is told of every metric that the rules name', async () => {
    const families = new Set(await prometheus.families())
    const missing = named.filter((name) => !families.has(name) && !families.has(name.replace(/_(bucket|count)$/, '')))
    expect(named.length, 'control: the rules name some').toBeGreaterThan(10)
    expect(missing).toEqual([])
  })

  // A series that begins with its first event has not grown, and the alert is not given: it has to be there at 0 before.
  it('is told of what has to grow before the first time', async () => {
    expect(increased.length, 'control: the rules wait for some').toBeGreaterThan(3)
    const there = await Promise.all(increased.map(async (selector) => (await prometheus.query(selector)).length > 0))
    expect(increased.filter((_, i) => there[i] !== true)).toEqual([])
  })

  it('fires when a worker does not answer, and is silent again when it does', async () => {
    expect(await prometheus.stateOf('QuarryWorkerDown')).toBe('inactive')
    const { pid } = product.processOf('worker')
    process.kill(pid, 'SIGSTOP')
    try {
      await waitUntil('it fires', SEEN_MS, async () => (await prometheus.stateOf('QuarryWorkerDown')) === 'firing')
      const fired = (await prometheus.alerts()).find(({ labels }) => labels['alertname'] === 'QuarryWorkerDown')
      expect(fired?.annotations).toMatchObject({
        summary: `The worker ${fired?.labels['instance']} does not answer.`,
        runbook: 'docs/alerts.md#quarryworkerdown',
      })
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await waitUntil('it is silent', SEEN_MS, async () => (await prometheus.stateOf('QuarryWorkerDown')) === 'inactive')
  })
})

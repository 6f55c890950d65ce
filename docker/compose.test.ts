import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { VARIABLES } from '../packages/config/src/variables.ts'

interface Service {
  image?: string
  build?: { target?: string }
  restart?: string
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  environment?: Record<string, string>
  networks?: string[] | Record<string, unknown>
  ports?: string[]
  volumes?: string[]
  tmpfs?: string[]
  healthcheck?: object
  stop_grace_period?: string
  logging?: object
  depends_on?: Record<string, { condition: string }>
  deploy?: { resources: { limits: { cpus: string; memory: string } } }
}
interface Compose {
  services: Record<string, Service>
  networks: Record<string, { internal?: boolean }>
}

const folder = import.meta.dirname
const text = readFileSync(path.join(folder, 'compose.yaml'), 'utf8')
const { services, networks }: Compose = parse(text, { merge: true })
const all = Object.entries(services)
/** They end by themselves. */
const JOBS = ['wal-folder', 'migrate']
const lasting = all.filter(([name]) => !JOBS.includes(name))
/** Ours: what they may do is ours to say. The database's image changes its user by itself. */
const hardened = lasting.filter(([name]) => name !== 'postgres')
const ofQuarry = all.filter(([name]) => /^(web|worker)\d$|^migrate$/.test(name))
const networksOf = ({ networks: named = [] }: Service) => (Array.isArray(named) ? named : Object.keys(named))

describe('every service', () => {
  it.each(all)('%s has a pinned image', (_, { image }) => {
    expect(image?.replace(/^\$\{\w+:-(.*)\}$/, '$1')).toMatch(/^[\w./-]+:(local|v?\d+\.\d+[\w.-]*)$/)
  })
  it.each(lasting)('%s comes back, bounds its log, and is bounded', (_, { restart, logging, deploy }) => {
    expect(restart).toBe('unless-stopped')
    expect(logging).toMatchObject({ options: { 'max-size': '10m' } })
    expect(deploy?.resources.limits).toEqual({ cpus: expect.any(String), memory: expect.stringMatching(/^\d+[mg]$/) })
  })
  it.each(hardened)('%s changes nothing in its image and has no right of root', (_, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
  })
})

describe('from outside', () => {
  it('only nginx and Grafana are reached, and of this host alone until somebody says more', () => {
    const published = all.filter(([, { ports }]) => ports !== undefined)
    expect(published.map(([name]) => name)).toEqual(['nginx', 'grafana'])
    for (const [, { ports = [] }] of published) for (const port of ports) expect(port).toMatch(/127\.0\.0\.1:/)
  })
  it('metrics, database and cache have no way out of the host', () => {
    expect(networks).toMatchObject({ back: { internal: true }, metrics: { internal: true } })
    for (const name of ['postgres', 'pgbouncer', 'redis']) expect(networksOf(services[name] ?? {})).toEqual(['back'])
    expect(networksOf(services.prometheus ?? {})).toEqual(['metrics'])
    expect(networksOf(services.nginx ?? {})).toEqual(['front'])
  })
})

describe('replicas and workers', () => {
  it('are three and two, and say so to themselves', () => {
    const count = (kind: string) => all.filter(([name]) => new RegExp(`^${kind}\\d$`).test(name)).length
    expect([count('web'), count('worker')]).toEqual([3, 2])
    for (const [, { environment }] of ofQuarry)
      expect(environment).toMatchObject({ WEB_REPLICAS: '3', WORKER_REPLICAS: '2' })
  })
  it.each(ofQuarry)('%s is given nothing that nobody reads', (_, { environment = {} }) => {
    const known = (name: string) => Object.hasOwn(VARIABLES, name)
    expect(Object.keys(environment).filter((name) => !known(name))).toEqual([])
  })
  it('wait for the one job that migrates, which alone has the owner’s address', () => {
    const withOwner = all.filter(([, { environment = {} }]) => 'DATABASE_OWNER_URL' in environment)
    expect(withOwner.map(([name]) => name)).toEqual(['migrate'])
    for (const [name, { depends_on }] of ofQuarry)
      if (name !== 'migrate') expect(depends_on?.migrate?.condition).toBe('service_completed_successfully')
  })
  it('are not killed while they drain, which takes 30 s, nor nginx before them', () => {
    const seconds = (name: string) => Number.parseInt(services[name]?.stop_grace_period ?? '0', 10)
    for (const [name] of ofQuarry) if (name !== 'migrate') expect(seconds(name)).toBeGreaterThan(30)
    expect(seconds('nginx')).toBeGreaterThan(seconds('web1'))
  })
})

describe('what it needs beside it', () => {
  it('each variable without a default stands in the example, and the example has no other', () => {
    const required = new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name))
    const optional = new Set([...text.matchAll(/\$\{(\w+):-/g)].map(([, name]) => name))
    const example = readFileSync(path.join(folder, '.env.example'), 'utf8')
    const given = [...example.matchAll(/^(\w+)=/gm)].map(([, name]) => name)
    expect(new Set(given)).toEqual(required)
    const offered = [...example.matchAll(/^#(\w+)=/gm)].map(([, name]) => name)
    expect(offered.filter((name) => !optional.has(name))).toEqual([])
  })
  it.each(['nginx', 'postgres', 'otel-collector', 'prometheus', 'alertmanager', 'grafana'])(
    'the files of %s are there',
    (name) => {
      const { volumes = [] } = services[name] ?? {}
      const files = volumes.filter((volume) => volume.startsWith('./')).map((volume) => volume.split(':')[0] ?? '')
      for (const file of files) expect(existsSync(path.join(folder, file)), file).toBe(true)
    },
  )
})

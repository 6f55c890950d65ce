import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { VARIABLES } from '../../packages/config/src/variables.ts'

interface Container {
  name: string
  image: string
  command?: string[]
  env?: { name: string; value: string }[]
  envFrom: { secretRef?: { name: string } }[]
  resources: object
  securityContext: object
  startupProbe?: object
  readinessProbe?: { httpGet: { path: string } }
  livenessProbe?: { httpGet: { path: string } }
  volumeMounts: { name: string }[]
}
interface PodSpec {
  containers: Container[]
  securityContext: object
  terminationGracePeriodSeconds?: number
  automountServiceAccountToken: boolean
  volumes: { name: string; emptyDir?: { sizeLimit?: string } }[]
  topologySpreadConstraints?: object[]
}
interface Manifest {
  kind: string
  metadata: { name: string; annotations?: Record<string, string> }
  data?: Record<string, string>
  stringData?: Record<string, string>
  spec: {
    template: { spec: PodSpec }
    policyTypes?: string[]
    ingress?: { ports: { port: number }[] }[]
  }
}

const base = path.join(import.meta.dirname, 'base')
const filesIn = (folder: string) => readdirSync(folder).filter((name) => name !== 'kustomization.yaml')
const read = (folder: string): Manifest[] =>
  filesIn(folder).flatMap((name) =>
    parseAllDocuments(readFileSync(path.join(folder, name), 'utf8'), { merge: true }).map(
      (document) => document.toJS() as Manifest,
    ),
  )
const manifests = read(base)
const ofKind = (...kinds: string[]) => manifests.filter(({ kind }) => kinds.includes(kind))
const pods = ofKind('Deployment', 'Job').map(({ metadata, spec }) => [metadata.name, spec.template.spec] as const)
const deployments = ofKind('Deployment').map(({ metadata, spec }) => [metadata.name, spec.template.spec] as const)

it('the base has what a cluster needs, once, and names each of its files', () => {
  expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted()).toEqual([
    'ConfigMap quarry',
    'Deployment quarry-web',
    'Deployment quarry-worker',
    'HorizontalPodAutoscaler quarry-web',
    'HorizontalPodAutoscaler quarry-worker',
    'Ingress quarry',
    'Job quarry-migrate',
    'NetworkPolicy quarry-out',
    'NetworkPolicy quarry-web',
    'NetworkPolicy quarry-worker',
    'PodDisruptionBudget quarry-web',
    'PodDisruptionBudget quarry-worker',
    'Service quarry-metrics',
    'Service quarry-web',
    'ServiceAccount quarry',
    'ServiceMonitor quarry',
  ])
  const { resources }: { resources: string[] } = parse(readFileSync(path.join(base, 'kustomization.yaml'), 'utf8'))
  expect(resources.toSorted()).toEqual(filesIn(base).toSorted())
})

describe.each(pods)('%s', (_, pod) => {
  it('is nobody, may nothing, and writes where it is told to', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(pod.automountServiceAccountToken).toBe(false)
    for (const { securityContext, volumeMounts, resources } of pod.containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(resources).toMatchObject({ requests: expect.anything(), limits: { memory: expect.anything() } })
      expect(volumeMounts.map(({ name }) => name)).toEqual(['tmp', 'data'])
    }
    for (const { emptyDir } of pod.volumes) expect(emptyDir?.sizeLimit).toMatch(/^\d+[MG]i$/)
  })
  it('names an image that the overlay pins', () => {
    for (const { image } of pod.containers) expect(image).toMatch(/^quarry-(web|worker)$/)
  })
})

describe.each(deployments)('%s', (_, pod) => {
  it('is restarted for its own sake alone, and sent nothing while it is not ready', () => {
    for (const { livenessProbe, readinessProbe, startupProbe } of pod.containers) {
      expect(livenessProbe?.httpGet.path).toBe('/api/health/live')
      expect(readinessProbe?.httpGet.path).toBe('/api/health/ready')
      expect(startupProbe).toBeDefined()
    }
    expect(pod.topologySpreadConstraints).not.toHaveLength(0)
  })
  it('has time for its delay and the 30 s of its drain', () => {
    const delay = Number(pod.containers[0]?.env?.find(({ name }) => name === 'DRAIN_DELAY_MS')?.value ?? 0) / 1000
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(30 + delay)
  })
})

it('migrates by the job alone: nobody else has the owner’s address', () => {
  const named = pods.filter(([, pod]) =>
    pod.containers.some(({ envFrom }) => envFrom.some(({ secretRef }) => secretRef?.name === 'quarry-owner')),
  )
  expect(named.map(([name]) => name)).toEqual(['quarry-migrate'])
})

it('gives nobody but Prometheus the metrics, and nobody but the ingress the pages', () => {
  const ports = ofKind('NetworkPolicy').map(({ metadata, spec }) => [
    metadata.name,
    spec.ingress?.flatMap((rule) => rule.ports.map(({ port }) => port)) ?? [],
  ])
  expect(Object.fromEntries(ports)).toEqual({ 'quarry-web': [3000, 9090], 'quarry-worker': [9090], 'quarry-out': [] })
})

it('lets answers stream, and repeats nothing that changes something', () => {
  const annotations = ofKind('Ingress')[0]?.metadata.annotations ?? {}
  expect(annotations['nginx.ingress.kubernetes.io/proxy-buffering']).toBe('off')
  expect(Number(annotations['nginx.ingress.kubernetes.io/proxy-read-timeout'])).toBeGreaterThan(60)
  expect(annotations['nginx.ingress.kubernetes.io/proxy-next-upstream']).not.toContain('non_idempotent')
})

it('has no secret in the base, and sets no variable that nobody reads', () => {
  expect(ofKind('Secret')).toEqual([])
  const example = parseAllDocuments(
    readFileSync(path.join(import.meta.dirname, 'overlays/example/secrets.example.yaml'), 'utf8'),
  ).map((document) => document.toJS() as Manifest)
  const set = [
    ...ofKind('ConfigMap').flatMap(({ data = {} }) => Object.keys(data)),
    ...example.flatMap(({ stringData = {} }) => Object.keys(stringData)),
    ...pods.flatMap(([, pod]) => pod.containers.flatMap(({ env = [] }) => env.map(({ name }) => name))),
  ]
  expect(set.filter((name) => !Object.hasOwn(VARIABLES, name))).toEqual([])
})

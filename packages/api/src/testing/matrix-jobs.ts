import type { MatrixRow } from './matrix-table.ts'
import { CANARY, type World } from './world.ts'
import { failureOf } from './world-jobs.ts'

const HOUR_MS = 3_600_000
const momentAgo = (ms: number): string => new Date(Date.now() - ms).toISOString()

/** What jobs can be filtered by, in one organisation and in all. */
const filters = (w: World) => [
  { input: {}, ids: [], shows: w.jobs.waiting },
  { input: { state: 'failed' }, ids: [], shows: w.jobs.failed },
  { input: { state: 'unfinished' }, ids: [], shows: w.jobs.waiting },
  { input: { kind: 'document.embed' }, ids: [], shows: w.jobs.waiting },
  { input: { errorClass: failureOf(w.tenant) }, ids: [], shows: w.jobs.failed },
  { input: { from: momentAgo(HOUR_MS), to: momentAgo(-HOUR_MS) }, ids: [], shows: w.jobs.waiting },
]
const one = (id: string, rest: object = {}) => ({ input: { id, ...rest }, ids: [id], shows: '"changed":1' })
const any = (w: World, id: string, rest: object = {}) => ({
  input: { orgId: w.tenant.orgId, id, ...rest },
  ids: [id],
  shows: '"changed":1',
})
const ofClass = (w: World) => ({
  input: { kind: 'document.process', errorClass: failureOf(w.tenant) },
  ids: [],
  shows: '"changed":1',
})
const overviews = [
  { input: { range: 'hour' }, ids: [], shows: '"crashed-' },
  { input: { range: 'day' }, ids: [], shows: '"crashed-' },
]
const nothing = { input: {}, ids: [] }

export const JOB_ROWS: Readonly<Record<string, MatrixRow>> = {
  'jobs.list': {
    can: 'jobs.manage',
    inputs: (w) => [
      ...filters(w),
      { input: { documentId: w.failed.documentId }, ids: [w.failed.documentId], shows: w.jobs.failed },
      { input: { query: `${CANARY} FAILED` }, ids: [], shows: w.jobs.failed },
    ],
  },
  'jobs.get': {
    can: 'jobs.manage',
    inputs: (w) => [
      { ...one(w.jobs.failed), shows: `${CANARY}-failed` },
      { ...one(w.jobs.waiting), shows: '"why":"' },
    ],
  },
  'jobs.overview': { can: 'jobs.manage', inputs: () => overviews },
  'jobs.retry': { can: 'jobs.manage', inputs: (w) => [one(w.jobs.failed)] },
  'jobs.retryClass': { can: 'jobs.manage', inputs: (w) => [ofClass(w)] },
  'jobs.cancel': { can: 'jobs.manage', inputs: (w) => [one(w.jobs.waiting)] },
  'jobs.setPriority': { can: 'jobs.manage', inputs: (w) => [one(w.jobs.waiting, { priority: -5 })] },

  'operations.overview': { can: 'operator', inputs: () => overviews },
  // The newest of all organisations: those of the world itself are found by what is its own.
  'operations.jobs': {
    can: 'operator',
    inputs: (w) => [
      { input: { limit: 2 }, ids: [] },
      ...filters(w).map(({ input, ...rest }) => ({ ...rest, input: { ...input, orgId: w.tenant.orgId } })),
    ],
  },
  'operations.job': {
    can: 'operator',
    inputs: (w) => [
      { ...any(w, w.jobs.failed), shows: 'read-file.ts' },
      { ...any(w, w.jobs.waiting), shows: '"why":"' },
    ],
  },
  'operations.retry': { can: 'operator', inputs: (w) => [any(w, w.jobs.failed)] },
  'operations.retryClass': { can: 'operator', inputs: (w) => [ofClass(w)] },
  'operations.cancel': { can: 'operator', inputs: (w) => [any(w, w.jobs.waiting)] },
  'operations.setPriority': { can: 'operator', inputs: (w) => [any(w, w.jobs.waiting, { priority: -5 })] },
  'operations.workers': { can: 'operator', inputs: () => [nothing] },
  'operations.processes': { can: 'operator', inputs: () => [{ ...nothing, shows: '"reporting":false' }] },
  'operations.figures': {
    can: 'operator',
    inputs: () => [
      { input: { range: 'hour' }, ids: [], shows: '"points":' },
      { input: { range: 'day' }, ids: [], shows: '"points":' },
    ],
  },
  'operations.pause': { can: 'operator', inputs: () => [{ input: { kind: 'document.embed' }, ids: [] }] },
  'operations.resume': { can: 'operator', inputs: () => [{ input: { kind: 'document.embed' }, ids: [] }] },
  'operations.cron': { can: 'operator', inputs: () => [{ ...nothing, shows: 'reconcile' }] },
  'operations.runCron': { can: 'operator', inputs: () => [{ input: { name: 'reconcile' }, ids: [] }] },
}

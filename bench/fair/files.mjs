import { setTimeout as pause } from 'node:timers/promises'
import { createCollection, createTenant } from '../../packages/db/src/testing/index.ts'
import { twoColumnPaper } from '../../tests/fixtures/pdf/two-column-paper.ts'
import { tenantDocuments } from '../../tests/fixtures/tenant-documents.ts'
import { createUploader } from '../jobs/files.mjs'
import { startWorkerProcess, workerEnvironment } from '../jobs/workers.mjs'
import { quantile } from '../pool/callers.mjs'
import { workingDay } from './mix.mjs'

const KIND = 'document.process'
/** Uploads of the heap that are under way at the same time, as a browser does it. */
const AT_ONCE = 4
/** How closely a file's end is looked for. */
const LOOK_MS = 5
/** Whoever uploads one file after the other looks at each. */
const BETWEEN_MS = 100
const ONE_FILE_MS = 60_000

/**
 * From an upload's end until its file is searchable, with and without a neighbour's heap before it.
 *
 * @returns {Promise<{ heap: number, heapRead: number, heapLeft: number, faults: number, calm: number[], loaded: number[], rounds: object[] }>}
 *   milliseconds of every file, and per round the p95 of both
 */
export const filesBesideAHeap = async ({ db, dataFolder, short, say }) => {
  const heap = short ? 400 : 5_000
  const rounds = short ? 3 : 7
  // As many of each kind: 147 of a side in all, of which seven are slower than the p95.
  const perPhase = short ? 9 : 21
  const [a, b] = [await createTenant(db), await createTenant(db)]
  const uploaderOf = async (tenant) =>
    createUploader({ dataFolder, tenant, collectionId: await createCollection(tenant) })
  const [uploadA, uploadB] = [await uploaderOf(a), await uploaderOf(b)]
  const { bytes: paper } = await twoColumnPaper()
  const paperOf = (name) => ({ path: `${name}.pdf`, bytes: paper, mediaType: 'application/pdf' })
  const fileOfDay = await workingDay()
  const [text] = tenantDocuments('heap')
  const fileOfHeap = (i) =>
    i % 2 === 0 ? paperOf(`heap-${i}`) : { path: `heap-${i}.md`, bytes: text.bytes, mediaType: 'text/markdown' }

  const worker = await startWorkerProcess(workerEnvironment(db, dataFolder))
  let faults = 0
  /** The neighbour's files wait for tomorrow, and what is being read comes to its end. */
  const rest = async () => {
    for (;;) {
      await db.owner`update job_run set run_at = now() + interval '1 day' where org_id = ${a.orgId} and state = 'waiting' and run_at is null`
      const [{ busy }] =
        await db.owner`select count(*)::int as busy from job_run where org_id = ${a.orgId} and state in ('queued', 'running')`
      if (busy === 0) return
      await pause(100)
    }
  }
  const load = async () => {
    await db.owner`update job_run set run_at = null where org_id = ${a.orgId} and state = 'waiting'`
    for (;;) {
      const [{ busy }] =
        await db.owner`select count(*)::int as busy from job_run where org_id = ${a.orgId} and state = 'running'`
      if (busy > 0) return
      await pause(50)
    }
  }
  const one = async (i) => {
    const versionId = await uploadB(fileOfDay(i))
    const startedAt = performance.now()
    while (performance.now() - startedAt < ONE_FILE_MS) {
      const [{ state }] = await db.owner`select state from document_version where id = ${versionId}`
      if (state === 'searchable') return performance.now() - startedAt
      if (state === 'failed') break
      await pause(LOOK_MS)
    }
    faults++
    return ONE_FILE_MS
  }
  let uploaded = 0
  const phase = async () => {
    const took = []
    for (let i = 0; i < perPhase; i++) {
      took.push(await one(uploaded++))
      await pause(BETWEEN_MS)
    }
    return took
  }
  const heapIn = async (state) => {
    const [{ count }] =
      await db.owner`select count(*)::int as count from job_run where org_id = ${a.orgId} and kind = ${KIND} and state = ${state}`
    return count
  }

  try {
    let next = 0
    const put = async () => {
      while (next < heap) await uploadA(fileOfHeap(next++))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, put))
    say(`a heap of ${heap} files waits`)
    await rest()
    // The first files are read while the machine warms up.
    await phase()
    const all = { calm: [], loaded: [] }
    const results = []
    const SIDES = { calm: rest, loaded: load }
    for (let i = 0; i < rounds; i++) {
      const round = {}
      // Each side goes first as often as the other: what the machine does by and by is in both.
      for (const side of i % 2 === 0 ? ['calm', 'loaded'] : ['loaded', 'calm']) {
        await SIDES[side]()
        const took = await phase()
        all[side].push(...took)
        round[side] = Math.round(quantile(took, 0.95))
        round[`${side}Median`] = Math.round(quantile(took, 0.5))
      }
      results.push(round)
      say(`files: ${JSON.stringify(round)}`)
    }
    const heapRead = await heapIn('succeeded')
    return { heap, heapRead, heapLeft: await heapIn('waiting'), faults, ...all, rounds: results }
  } finally {
    await worker.stop()
  }
}

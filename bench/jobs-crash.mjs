// Workers die (SIGKILL) every few seconds while they read five hundred files of all kinds. Every file has to end, searchable
// or failed with its reason, and the rows have to be those of a run in which nobody died.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres } from '../scripts/test/postgres.mjs'

const short = process.argv.includes('--short')
const FILES = short ? 60 : 500
const WORKERS = 3
/** Between two kills. */
const [SOONEST_MS, LATEST_MS] = [1_500, 4_000]
/** A job that died with its worker is free after forty seconds, and after two deaths in a row five minutes later. */
const MOST_MS = 9 * 60_000
/** A job runs again within 60 s of its worker's death, and is counted from a heartbeat up to 5 s before. */
const TARGETS = { unfinished: 0, withoutReason: 0, sameRows: true, sameReasons: true, rerunSeconds: 65, duplicates: 0 }
const say = (message) => console.error(message)

const server = await startPostgres(say)
process.env.TEST_DATABASE_URL = server.url
const { createCollection, createTenant, createTestDatabase } = await import('../packages/db/src/testing/index.ts')
const { hashOfIndex } = await import('../tests/fixtures/ingestion/indexed-rows.ts')
const { createUploader } = await import('./jobs/files.mjs')
const { startWorkerProcess, workerEnvironment } = await import('./jobs/workers.mjs')
const { mixedFiles } = await import('./jobs-crash/corpus.mjs')

/** Reads all files with so many workers; `killing`: one of them dies every few seconds. */
const ingest = async (files, killing) => {
  const db = await createTestDatabase()
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'quarry-jobs-crash-'))
  const env = workerEnvironment(db, dataFolder)
  const workers = []
  let kills = 0
  let over = false
  try {
    const tenant = await createTenant(db)
    const collectionId = await createCollection(tenant, { name: 'files' })
    const upload = createUploader({ dataFolder, tenant, collectionId })
    const startedAt = performance.now()
    for (let i = 0; i < WORKERS; i++) workers.push(await startWorkerProcess(env))
    const uploading = (async () => {
      for (const file of files) await upload(file)
    })()
    const killer = (async () => {
      while (killing && !over) {
        await pause(SOONEST_MS + Math.random() * (LATEST_MS - SOONEST_MS))
        if (over) return
        const i = Math.floor(Math.random() * WORKERS)
        workers[i].kill()
        await workers[i].exited
        kills++
        workers[i] = await startWorkerProcess(env)
      }
    })()
    await uploading
    const unfinished = async () => {
      const [row] = await db.owner`
        select count(*) filter (where v.state in ('uploaded', 'parsing'))::int as versions,
          (select count(*)::int from job_run where state in ('waiting', 'queued', 'running', 'retrying')) as jobs,
          (select count(*)::int from job_run where state = 'running') as running
        from document_version v`
      return row
    }
    let left = await unfinished()
    // The last files wait for a dead worker's jobs to be freed, which nobody has to be killed for.
    while (left.versions + left.jobs > 0 && performance.now() - startedAt < MOST_MS) {
      await pause(500)
      left = await unfinished()
      if (left.versions < FILES * 0.02) over = true
      // After three deaths a job waits for ten minutes, which keeps one that kills each worker from all of them. These here
      // were killed from outside, and nobody waits for that.
      if (over)
        await db.owner`
          update job_run set run_at = now() where state = 'retrying' and error_class = 'worker_lost' and crashes > 2 and run_at > now()`
    }
    over = true
    await killer
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    const versions = await db.owner`
      select v.state, v.error_code, v.error_text, d.source_path as path from document_version v
      join document d on d.org_id = v.org_id and d.id = v.document_id`
    // What was tried again although no worker had died, by what went wrong.
    const retried = await db.owner`
      select coalesce(error_class, 'none') as class, count(*)::int as count from job_attempt where state = 'retrying' group by 1`
    // From a dead worker's last heartbeat, which is up to five seconds older than its death, until its job ran again.
    const [{ rerun }] = await db.owner`
      select coalesce(max(extract(epoch from n.created_at - h.seen_at)), 0)::float8 as rerun from job_attempt a
      join worker_heartbeat h on h.pool_id = a.worker
      join job_attempt n on n.org_id = a.org_id and n.job_run_id = a.job_run_id and n.attempt = a.attempt + 1
      where a.state = 'lost' and a.attempt = 1`
    const attempts = await db.owner`select state, count(*)::int as count from job_attempt group by state`
    const [{ duplicates }] = await db.owner`
      select count(*)::int as duplicates from (
        select version_id, page_from, span_start, span_end, heading_path from chunk group by 1, 2, 3, 4, 5 having count(*) > 1) twice`
    return {
      ...(await hashOfIndex(db.owner, 'files')),
      rerunSeconds: Math.round(rerun * 10) / 10,
      retriedFor: Object.fromEntries(retried.map((row) => [row.class, row.count])),
      reasons: versions
        .filter(({ state }) => state === 'failed')
        .map(({ path, error_code }) => `${path}: ${error_code}`)
        .toSorted(),
      ...{ seconds, kills, duplicates, unfinished: left.versions + left.jobs },
      searchable: versions.filter(({ state }) => state === 'searchable').length,
      failures: Object.groupBy(
        versions
          .filter(({ state }) => state === 'failed')
          .map(({ error_code, error_text }) => (error_text ? error_code : 'none')),
        (code) => code,
      ),
      attempts: Object.fromEntries(attempts.map(({ state, count }) => [state, count])),
    }
  } finally {
    over = true
    await Promise.all(workers.map((worker) => worker.stop()))
    await db.close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

const counted = (result) => {
  const { failures, reasons, ...figures } = result
  const sums = Object.entries(failures).map(([code, all]) => [code, all.length])
  return { ...figures, failed: reasons.length, failures: Object.fromEntries(sums) }
}

let pass = false
try {
  const files = await mixedFiles(FILES)
  const quietly = await ingest(files, false)
  const calm = counted(quietly)
  say(`calm: ${JSON.stringify(calm)}`)
  const stormily = await ingest(files, true)
  const crashed = counted(stormily)
  say(`with kills: ${JSON.stringify(crashed)}`)
  const figures = {
    ...{ files: FILES, kills: crashed.kills, seconds: crashed.seconds, secondsCalm: calm.seconds },
    ...{ searchable: crashed.searchable, failures: crashed.failures, attempts: crashed.attempts },
    unfinished: crashed.unfinished,
    withoutReason: crashed.failures.none ?? 0,
    sameRows: crashed.hash === calm.hash,
    // Each file that failed did so for its own reason, and none because its workers died.
    sameReasons: JSON.stringify(stormily.reasons) === JSON.stringify(quietly.reasons),
    ...{ rerunSeconds: crashed.rerunSeconds, retriedFor: crashed.retriedFor },
    duplicates: crashed.duplicates + calm.duplicates,
  }
  pass =
    figures.unfinished === 0 &&
    figures.withoutReason === 0 &&
    figures.sameRows &&
    figures.sameReasons &&
    figures.rerunSeconds <= TARGETS.rerunSeconds &&
    figures.duplicates === 0 &&
    figures.searchable + Object.values(figures.failures).reduce((sum, n) => sum + n, 0) === FILES &&
    // Control: workers have died in jobs, and a damaged file has failed.
    (figures.attempts.lost ?? 0) > 0 &&
    (figures.failures.damaged ?? 0) > 0
  console.log(JSON.stringify({ bench: 'jobs-crash', pass, figures, targets: TARGETS }))
} finally {
  await server.stop()
}
process.exit(pass ? 0 : 1)

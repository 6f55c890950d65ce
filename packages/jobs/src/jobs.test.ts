import { AppError, type VersionId } from '@quarry/contracts'
import type { TenantTx } from '@quarry/db'
import { expect, test } from 'vitest'
import { defineJob } from './define-job.ts'
import { enqueue } from './enqueue.ts'
import { isFinal, JobFailure } from './final.ts'
import type { JobHandlers } from './handlers.ts'
import { documentProcess, JOBS } from './jobs.ts'

test('every job stands in the table under its own name', () => {
  for (const [name, job] of Object.entries(JOBS)) expect(job.name).toBe(name)
})

test('a payload is ids; the organisation that the queue adds is no part of it', () => {
  const versionId = '0190b0f0-0000-7000-8000-000000000001' as VersionId
  expect(documentProcess.payload.parse({ versionId, orgId: 'x' })).toEqual({ versionId })
  expect(documentProcess.payload.safeParse({ versionId: 'x' }).success).toBe(false)
})

test('another attempt is pointless when the row is gone or wrong, and worth it otherwise', () => {
  expect((['not_found', 'forbidden', 'invalid_input'] as const).map((code) => isFinal(new AppError(code)))).toEqual([
    true,
    true,
    true,
  ])
  expect(isFinal(new JobFailure('damaged', 'The file is damaged.'))).toBe(true)
  expect(
    [new AppError('conflict'), new AppError('unavailable'), new AppError('internal'), new Error('x'), 'x'].filter(
      isFinal,
    ),
  ).toEqual([])
})

/** Guards types: it is compiled, and never called. */
export function doesNotCompile(tx: TenantTx): void {
  const unlisted = defineJob({ ...documentProcess, name: 'document.forget' })
  // @ts-expect-error -- a job that is not in the table
  void enqueue(tx, unlisted, { versionId: 'x' })
  // @ts-expect-error -- a payload of another shape
  void enqueue(tx, documentProcess, { id: 'x' })
  // @ts-expect-error -- a job without a handler
  const handlers: JobHandlers = {}
  void handlers
}

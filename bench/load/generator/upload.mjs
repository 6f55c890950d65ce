import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { callApi } from './api.mjs'
import { markdownFile, nextPdf } from './files.mjs'

/** One in so many is a PDF of ten pages. */
const PDF_SHARE = 0.2
/** The browser hears of a change from its feed; without one it looks so often. */
const LOOK_MS = 1_000
/** Longer is a fault, and nobody waits for it. */
const MOST_MS = 60_000

/** Uploads a file as the browser does, and waits until it can be searched. */
export const uploadFile = async (user, records) => {
  const startedAt = performance.now()
  const file =
    Math.random() < PDF_SHARE
      ? { name: 'pdf', type: 'application/pdf', bytes: nextPdf() }
      : { name: 'md', type: 'text/markdown', bytes: markdownFile(user.organisation.questions) }
  const created = await callApi(
    ...[user, records, 'documents.createMany'],
    {
      collectionId: user.organisation.collections[0],
      files: [{ path: `load/${randomUUID()}.${file.name}`, sizeBytes: file.bytes.length }],
    },
    { isMutation: true },
  )
  const ticket = created.data?.[0]?.ticket
  if (ticket === undefined || ticket === null) return created
  const put = await user.connection.call({
    ...{ method: 'PUT', path: `/api/uploads/${ticket}?offset=0` },
    ...{ body: file.bytes, type: 'application/octet-stream' },
  })
  records.request('uploads.put', put)
  if (put.kind !== 'ok') return put
  const completed = await callApi(user, records, 'documents.complete', { ticket }, { isMutation: true })
  if (completed.data === undefined) return completed
  const { id } = completed.data.document
  while (performance.now() - startedAt < MOST_MS) {
    await pause(LOOK_MS)
    const look = await callApi(user, records, 'documents.get', { id }, { read: true })
    const state = look.data?.latest.state
    if (state === 'searchable') {
      records.value(`searchable ${file.name}`, performance.now() - startedAt)
      return look
    }
    if (state === 'failed') {
      records.fault(`searchable ${file.name}`, 'failed', JSON.stringify(look.data.latest.failure))
      return look
    }
  }
  records.fault(`searchable ${file.name}`, 'not in time')
  return completed
}

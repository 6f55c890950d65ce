import { deflateSync } from 'node:zlib'
import { PDFDocument, PDFName, PDFRawStream, StandardFonts } from 'pdf-lib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { pictureOf } from '../parse/testing/pictures.ts'
import { processVersion } from './process-version.ts'
import { afterEachTx, openIngestion, type Ingestion, type IngestionTenant } from './testing/ingestion.ts'

let ingestion: Ingestion
let t: IngestionTenant
beforeAll(async () => {
  ingestion = await openIngestion()
})
afterAll(() => ingestion.close())
beforeEach(async () => {
  t = await ingestion.newTenant()
})
const never = new AbortController().signal
const SLOW = 180_000

/** A page of text, a scan, a damaged page and an empty one. */
async function mixed(): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  const font = await document.embedFont(StandardFonts.Helvetica)
  const text = document.addPage([420, 200])
  for (let i = 0; i < 4; i++)
    text.drawText(`Line ${i} of a page that was written by a keeper.`, { x: 30, y: 150 - i * 14, size: 10, font })
  const { canvas } = pictureOf(['The harbour master counts the lanterns', 'and closes the gate at nine.'], {
    width: 1400,
    height: 667,
  })
  const scan = document.addPage([420, 200])
  scan.drawImage(await document.embedPng(canvas.toBuffer('image/png')), { x: 0, y: 0, width: 420, height: 200 })
  const broken = document.addPage([420, 200])
  const bytes = deflateSync(Buffer.from('BT ET')).fill(0x20)
  const { context } = document
  const stream = PDFRawStream.of(context.obj({ Length: bytes.length, Filter: 'FlateDecode' }), bytes)
  broken.node.set(PDFName.of('Contents'), context.register(stream))
  document.addPage([420, 200])
  return document.save()
}

test(
  'a file that can be read in part is searchable, scans and all, and names the pages that cannot',
  async () => {
    const { versionId } = await t.upload(await mixed(), { mediaType: 'application/pdf' })
    const stages = new Map<unknown, unknown>()
    const watched = afterEachTx(t.tenantDb, async () => {
      const row = await t.versionRow(versionId)
      if (!stages.has(row?.['stage'])) stages.set(row?.['stage'], row?.['progress'])
    })
    expect(await processVersion(ingestion.deps, watched, versionId, never)).toBe('searchable')
    expect([...stages.keys()]).toEqual(['reading', 'recognising', 'chunking', 'publishing', null])
    // One page of four is done when the second is looked at.
    expect(stages.get('recognising')).toBe(23)
    expect(await t.versionRow(versionId)).toMatchObject({
      page_count: 4,
      // The fourth page is empty, which is no fault.
      warnings: [{ code: 'page_unreadable', ordinals: [3] }],
    })
    const { pages, postings } = await t.rowsOf(versionId)
    expect(pages.map(({ ocr, width }) => [ocr, width])).toEqual([
      [false, 420],
      [true, 420],
      [false, null],
      [false, 420],
    ])
    expect(pages[1]?.['text']).toContain('harbour master counts the lanterns')
    expect(postings.map(({ lexeme }) => lexeme)).toContain('lantern')
  },
  SLOW,
)

test(
  'a scan that is stopped half-way and taken up again ends with the same rows',
  async () => {
    const bytes = await mixed()
    const whole = await t.upload(bytes, { mediaType: 'application/pdf', sourcePath: 'scan.pdf' })
    await processVersion(ingestion.deps, t.tenantDb, whole.versionId, never)
    const expected = await t.rowsOf(whole.versionId)
    const other = await ingestion.newTenant()
    const { versionId } = await other.upload(bytes, { mediaType: 'application/pdf', sourcePath: 'scan.pdf' })
    const stop = new AbortController()
    const stopped = afterEachTx(other.tenantDb, async () => {
      if ((await other.versionRow(versionId))?.['stage'] === 'recognising') stop.abort(new Error('stopped'))
    })
    await expect(processVersion(ingestion.deps, stopped, versionId, stop.signal)).rejects.toThrow('stopped')
    expect(await processVersion(ingestion.deps, other.tenantDb, versionId, never)).toBe('searchable')
    expect(await other.rowsOf(versionId)).toEqual(expected)
    expect((await other.versionRow(versionId))?.['warnings']).toEqual(
      (await t.versionRow(whole.versionId))?.['warnings'],
    )
  },
  SLOW,
)

test(
  'an image is searchable by the words on it',
  async () => {
    const { canvas } = pictureOf(['Invoice 2024-117 for forty lanterns', 'is due on the third of May.'])
    const { versionId } = await t.upload(canvas.toBuffer('image/png'), { mediaType: 'image/png' })
    expect(await processVersion(ingestion.deps, t.tenantDb, versionId, never)).toBe('searchable')
    const { pages, postings } = await t.rowsOf(versionId)
    expect(pages).toMatchObject([{ ocr: true, width: 1400, height: canvas.height }])
    expect(postings.map(({ lexeme }) => lexeme)).toEqual(expect.arrayContaining(['2024', '117', 'lantern']))
    expect(await t.versionRow(versionId)).toMatchObject({ page_count: null, warnings: [] })
  },
  SLOW,
)

import type { MediaType } from '@quarry/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { docxBytes, pptxBytes, slideShape, wordParagraph, xlsxBytes } from '../parse/testing/office-files.ts'
import { processVersion } from './process-version.ts'
import { openIngestion, type Ingestion, type IngestionTenant } from './testing/ingestion.ts'

const OFFICE = 'application/vnd.openxmlformats-officedocument'
const never = new AbortController().signal

let ingestion: Ingestion
let t: IngestionTenant
beforeAll(async () => {
  ingestion = await openIngestion()
  t = await ingestion.newTenant()
})
afterAll(() => ingestion.close())

const ingest = async (bytes: Uint8Array, mediaType: MediaType) => {
  const { versionId } = await t.upload(bytes, { mediaType })
  const outcome = await processVersion(ingestion.deps, t.tenantDb, versionId, never)
  const { pages, chunks, postings } = await t.rowsOf(versionId)
  const [row] = await ingestion.db.owner<{ warnings: unknown }[]>`
    select warnings from document_version where id = ${versionId}`
  const labels = await ingestion.db.owner<{ label: string | null }[]>`
    select label from document_page where version_id = ${versionId} order by ordinal`
  return {
    outcome,
    row: await t.versionRow(versionId),
    texts: pages.map((page) => page['text']),
    labels: labels.map(({ label }) => label),
    headings: chunks.map((chunk) => chunk['heading_path']),
    lexemes: new Set(postings.map((posting) => posting['lexeme'])),
    warnings: row?.warnings,
  }
}

describe('an Office file becomes searchable', () => {
  test('a Word document, with its titles', async () => {
    const body =
      wordParagraph('Leave', '<w:outlineLvl w:val="0"/>') +
      wordParagraph('Lanterns are lit for thirty days. '.repeat(20))
    const { outcome, texts, headings, lexemes, warnings } = await ingest(
      docxBytes(body),
      `${OFFICE}.wordprocessingml.document`,
    )
    expect(outcome).toBe('searchable')
    expect(texts[0]).toMatch(/^Leave\n\nLanterns are lit/u)
    expect(headings).toEqual(['{Leave}'])
    expect(lexemes).toContain('lantern')
    expect(warnings).toEqual([])
  })

  test('an Excel workbook, each sheet by its name', async () => {
    const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`
    const xml = `<sheetData><row>${cell('Lamp')}${cell('Lit on')}</row><row>${cell('harbour')}<c s="1"><v>46024</v></c></row></sheetData>`
    const { outcome, texts, labels, lexemes } = await ingest(
      xlsxBytes([{ name: 'Lamps', xml }], { styles: '<cellXfs><xf/><xf numFmtId="14"/></cellXfs>' }),
      `${OFFICE}.spreadsheetml.sheet`,
    )
    expect(outcome).toBe('searchable')
    expect(texts).toEqual(['Lamp | Lit on\nharbour | 2026-01-02'])
    expect(labels).toEqual(['Lamps'])
    expect(lexemes).toContain('harbour')
  })

  test('a presentation with broken slides: the others are searchable, and the broken ones are named', async () => {
    const { outcome, texts, labels, lexemes, warnings } = await ingest(
      pptxBytes([{ xml: null }, { xml: slideShape(['The lantern']) }, { xml: null }]),
      `${OFFICE}.presentationml.presentation`,
    )
    expect(outcome).toBe('searchable')
    expect(texts).toEqual(['', 'The lantern', ''])
    expect(labels).toEqual(['Slide 1', 'Slide 2', 'Slide 3'])
    expect(lexemes).toContain('lantern')
    expect(warnings).toEqual([{ code: 'page_unreadable', ordinals: [1, 3] }])
  })

  test('a locked one fails with its own reason', async () => {
    const locked = Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.alloc(600),
      Buffer.from('EncryptedPackage', 'utf16le'),
    ])
    const { outcome, row } = await ingest(locked, `${OFFICE}.wordprocessingml.document`)
    expect(outcome).toBe('failed')
    expect(row).toMatchObject({ state: 'failed', error_code: 'encrypted' })
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { processVersion } from './process-version.ts'
import { openIngestion, type Ingestion, type IngestionTenant } from './testing/ingestion.ts'

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

describe('ingesting', () => {
  test('a CSV file makes every row findable by the names of its columns', { timeout: 60_000 }, async () => {
    const rows = Array.from({ length: 600 }, (_, i) => `SKU-${i};Bolt of size ${i};${i * 3}\n`)
    const { versionId } = await t.upload(`Number;Description;Stocklevel\n${rows.join('')}`, {
      mediaType: 'text/csv',
      sourcePath: 'docs/stock.csv',
    })
    expect(await processVersion(ingestion.deps, t.tenantDb, versionId, never)).toBe('searchable')
    const { pages, chunks, postings } = await t.rowsOf(versionId)
    expect(pages.length).toBeGreaterThan(1)
    expect(pages.every(({ text }) => String(text).startsWith('Number | Description | Stocklevel\n'))).toBe(true)
    const found = postings.filter(({ lexeme }) => lexeme === 'stocklevel').map(({ ordinal }) => ordinal)
    expect(new Set(found)).toEqual(new Set(chunks.map(({ ordinal }) => ordinal)))
    for (const chunk of chunks) {
      const page = pages.find(({ ordinal }) => ordinal === chunk['page_from'])
      const text = String(page?.['text']).slice(Number(chunk['span_start']), Number(chunk['span_end']))
      expect(text).toMatch(/^(?:Number \||SKU-)[\s\S]*\d$/u)
      if (!text.startsWith('Number')) expect(chunk['heading_path']).toBe('{"Number | Description | Stocklevel"}')
    }
  })

  test(
    'a web page makes its content and tables searchable, and says that its encoding was guessed',
    { timeout: 60_000 },
    async () => {
      const html = `<title>Öffnungszeiten</title><nav>Impressum</nav><main><p>Wir haben für Sie geöffnet, außer an Feiertagen im März. Bitte rufen Sie uns an, wenn Sie früher kommen möchten oder etwas bestellen wollen.</p><table><tr><th>Tag<th>Zeit<tr><td>Montag<td>7 Uhr</table></main>`
      const { versionId } = await t.upload(Buffer.from(html, 'latin1'), { mediaType: 'text/html' })
      expect(await processVersion(ingestion.deps, t.tenantDb, versionId, never)).toBe('searchable')
      expect(await t.versionRow(versionId)).toMatchObject({
        language: 'german',
        page_count: null,
        warnings: [{ code: 'encoding_guessed', ordinals: [1] }],
      })
      const { pages, chunks } = await t.rowsOf(versionId)
      expect(pages.map(({ text }) => text)).toEqual([
        'Öffnungszeiten\n\nWir haben für Sie geöffnet, außer an Feiertagen im März. Bitte rufen Sie uns an, wenn Sie früher kommen möchten oder etwas bestellen wollen.\n\nTag | Zeit\nMontag | 7 Uhr',
      ])
      expect(chunks).toHaveLength(1)
      expect(chunks[0]).toMatchObject({ heading_path: '{Öffnungszeiten}' })
    },
  )
})

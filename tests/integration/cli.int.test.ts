import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  askJson,
  conversation,
  doctorJson,
  documentPage,
  documentsJson,
  evalJson,
  evalRun,
  FAILURES,
  getConversationOutput,
  ingestJson,
  pageOf,
  searchJson,
} from '@quarry/contracts'
import { imageOnlyPdf } from '../fixtures/pdf/image-only-pdf.ts'
import { longPdf } from '../fixtures/pdf/long-pdf.ts'
import { passwordProtectedPdf } from '../fixtures/pdf/password-protected-pdf.ts'
import { truncatedPdf } from '../fixtures/pdf/damaged-pdf.ts'
import { JUSTIFIED_SENTENCE, twoColumnPaper } from '../fixtures/pdf/two-column-paper.ts'
import { freePort, quarry, quarryJson, query, startProduct, type Product } from '../fixtures/product/index.ts'
import { tenantDocuments } from '../fixtures/tenant-documents.ts'

const LONG_PAGES = 12
const texts = tenantDocuments('cli')

describe('the quarry command', () => {
  let product: Product
  let folder: string

  const write = async (path: string, bytes: Uint8Array | string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes)
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quarry-t-files-'))
    await write('papers/registers.pdf', (await twoColumnPaper()).bytes)
    await write('papers/stones.pdf', (await longPdf(LONG_PAGES)).bytes)
    for (const { path, bytes } of texts) await write(path, bytes)
    await write('broken/scan.pdf', await imageOnlyPdf())
    await write('broken/half.pdf', await truncatedPdf())
    await write('broken/locked.pdf', passwordProtectedPdf())
    await write('broken/empty.txt', '')
    await write('broken/letter.doc', 'PK\u0003\u0004 not for us')
    product = await startProduct()
    caller = { url: product.url, apiKey: product.credentials.apiKey }
  })
  afterAll(async () => {
    await product.stop()
    await rm(folder, { recursive: true, force: true })
  })
  let caller: { url: string; apiKey: string }

  it('ingests a folder and says of every file how it ended', async () => {
    const { files } = await quarryJson(product, ingestJson, ['ingest', '.', '--wait'], { cwd: folder })
    const byPath = new Map(files.map(({ path, status, reason }) => [path, { status, reason }]))
    const searchable = { status: 'searchable', reason: null }
    const failed = (code: keyof typeof FAILURES) => ({
      status: 'failed',
      reason: expect.stringContaining(FAILURES[code].message) as string,
    })
    expect(Object.fromEntries(byPath)).toEqual({
      'papers/registers.pdf': searchable,
      'papers/stones.pdf': searchable,
      ...Object.fromEntries(texts.map(({ path }) => [path, searchable])),
      'broken/scan.pdf': failed('no_text'),
      'broken/half.pdf': failed('damaged'),
      'broken/locked.pdf': failed('encrypted'),
      'broken/empty.txt': failed('empty'),
      'broken/letter.doc': { status: 'refused', reason: expect.stringContaining('type .doc ') as string },
    })
  })

  it('leaves unchanged files alone', async () => {
    const { files } = await quarryJson(product, ingestJson, ['ingest', 'papers', '--wait'], { cwd: folder })
    // Named by their paths inside the folder that was given: other documents than before, and searchable again.
    expect(files.map(({ status }) => status)).toEqual(['searchable', 'searchable'])
    const again = await quarryJson(product, ingestJson, ['ingest', 'papers', '--wait'], { cwd: folder })
    expect(again.files.map(({ status }) => status)).toEqual(['unchanged', 'unchanged'])
  })

  it('lists the documents with their state, pages and reason', async () => {
    const { documents } = await quarryJson(product, documentsJson, ['documents'])
    const stones = documents.find(({ document }) => document === 'papers/stones.pdf')
    expect(stones).toMatchObject({ state: 'searchable', progress: 100, pages: LONG_PAGES, reason: null })
    const scan = documents.find(({ document }) => document === 'broken/scan.pdf')
    expect(scan).toMatchObject({ state: 'failed' })
    expect(scan?.reason).toContain(FAILURES.no_text.message)
  })

  it('finds the passage, with its document and page', async () => {
    const { hits } = await quarryJson(product, searchJson, ['search', 'Bohemian glass lens sledge', '--limit', '3'])
    expect(hits.length).toBeGreaterThan(0)
    expect(hits.length).toBeLessThanOrEqual(3)
    expect(hits[0]).toMatchObject({ document: expect.stringMatching(/registers\.pdf$/) as string, page: 2 })
    expect(hits[0]?.text).toContain(JUSTIFIED_SENTENCE)
  })

  it('answers with citations whose page says exactly what is quoted', async () => {
    const [{ path, question, canary }] = texts as [(typeof texts)[number]]
    const answer = await quarryJson(product, askJson, ['ask', question])
    expect(answer.abstained).toBe(false)
    expect(answer.citations.length).toBeGreaterThan(0)
    expect(answer.citations[0]).toMatchObject({ document: path, page: null, verified: true })
    expect(answer.citations[0]?.quote).toContain(canary)

    // The same citations with their spans, as the API keeps them; the page is read again and cut.
    const { items } = await query(caller, 'conversations.list', { limit: 1 }, pageOf(conversation))
    const { messages } = await query(caller, 'conversations.get', { id: items[0]?.id }, getConversationOutput)
    const kept = messages.at(-1)?.citations ?? []
    expect(kept.map(({ id }) => id)).toEqual(answer.citations.map(({ id }) => id))
    for (const { versionId, ordinal, span, quote } of kept) {
      const { text } = await query(caller, 'documents.page', { versionId, ordinal }, documentPage)
      expect(text.slice(span.start, span.end)).toBe(quote)
    }
  })

  it('cites the page of a PDF', async () => {
    const answer = await quarryJson(product, askJson, ['ask', 'What arrived by sledge and remained in its crate?'])
    const [first] = answer.citations
    expect(first).toMatchObject({
      document: expect.stringMatching(/registers\.pdf$/) as string,
      page: 2,
      verified: true,
    })
    expect(first?.quote).toContain('replacement lens of Bohemian glass')
  })

  it('says so when the documents do not answer', async () => {
    const answer = await quarryJson(product, askJson, ['ask', 'How many moons does the planet Jupiter have?'])
    expect(answer).toMatchObject({ abstained: true, citations: [] })
  })

  it('finds nothing wrong', async () => {
    const report = await quarryJson(product, doctorJson, ['doctor'])
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(report.ok).toBe(true)
  })

  it('measures a test set as it would be counted by hand', async () => {
    const set = join(folder, 'tiny-set')
    const corpus = [
      { _id: 'd1', title: 'Kestrels', text: 'The kestrel hovers over the meadow before it drops.' },
      {
        _id: 'd2',
        title: 'Lamps',
        text: 'A lantern with a cracked pane was left beside the well, and nobody came for it.',
      },
      { _id: 'd3', title: 'Brass lantern', text: 'A brass lantern.' },
      { _id: 'd4', title: 'Sluices', text: 'The sluice is opened at dusk.' },
      { _id: 'd5', title: 'Gates', text: 'Water is let out in the evening.' },
    ]
    const queries = [
      { _id: 'q1', text: 'kestrel' },
      { _id: 'q2', text: 'brass lantern' },
      { _id: 'q3', text: 'sluice' },
    ]
    const judgements = [
      ['q1', 'd1'],
      ['q2', 'd2'],
      ['q3', 'd4'],
      ['q3', 'd5'],
    ]
    await write('tiny-set/corpus.jsonl', corpus.map((line) => JSON.stringify(line)).join('\n'))
    await write('tiny-set/queries.jsonl', queries.map((line) => JSON.stringify(line)).join('\n'))
    await write(
      'tiny-set/qrels.tsv',
      ['query-id\tcorpus-id\tscore', ...judgements.map((pair) => `${pair.join('\t')}\t1`)].join('\n'),
    )
    const run = join(folder, 'run.json')
    const before = await quarryJson(product, documentsJson, ['documents'])
    const result = await quarryJson(product, evalJson, ['eval', set, '--run', run])
    expect(result).toMatchObject({ queries: 3, documents: 5 })
    // q1: d1 comes first. q2: d3 has both words, so d2 is second. q3: d4 comes first, d5 does not have the word.
    const second = 1 / Math.log2(3)
    expect(result.metrics.ndcg10).toBeCloseTo((1 + second + 1 / (1 + second)) / 3, 6)
    expect(result.metrics.recall10).toBeCloseTo((1 + 1 + 0.5) / 3, 6)
    expect(result.metrics.recall100).toBeCloseTo((1 + 1 + 0.5) / 3, 6)
    expect(result.metrics.mrr10).toBeCloseTo((1 + 1 / 2 + 1) / 3, 6)
    const rankings = evalRun.parse(JSON.parse(await readFile(run, 'utf8')))
    expect(rankings['q2']?.map(([id]) => id)).toEqual(['d3', 'd2'])
    // Its collection was thrown away.
    expect(await quarryJson(product, documentsJson, ['documents'])).toEqual(before)
  })

  it.each([
    ['a file that is not there', ['ingest', 'nowhere.pdf'], /nowhere\.pdf/],
    ['no question', ['ask'], /What do you want to know/],
    ['an unknown command', ['serch', 'x'], /Did you mean search/],
    ['an unknown option', ['search', 'x', '--limt', '3'], /--limt/],
    ['a test set that is not there', ['eval', 'nowhere'], /nowhere/],
    ['an unknown collection', ['ask', 'x', '--collection', 'Nowhere'], /Nowhere/],
  ])('says in one line what is wrong with %s', async (_, args, message) => {
    const { code, stdout, stderr } = await quarry(product, args, { cwd: folder })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(message)])
  })

  it('says in one line that the key is refused, and that nobody is there', async () => {
    const wrongKey = await quarry(product, ['documents'], { env: { QUARRY_API_KEY: `${caller.apiKey}x` } })
    expect(wrongKey).toMatchObject({ code: 1, stdout: '' })
    expect(wrongKey.stderr.trim().split('\n')).toEqual([expect.stringContaining('refused the API key')])

    const env = { QUARRY_URL: `http://127.0.0.1:${await freePort()}`, QUARRY_API_KEY: caller.apiKey }
    const nobody = await quarry(product, ['documents'], { env })
    expect(nobody).toMatchObject({ code: 1, stdout: '' })
    expect(nobody.stderr.trim().split('\n')).toEqual([expect.stringContaining('is not running at')])
  })
})

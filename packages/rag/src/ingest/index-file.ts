import type { WarningCode } from '@quarry/contracts'
import { emitSignal, type TenantDb } from '@quarry/db'
import { detectLanguage, type Language } from '../analyse/language.ts'
import { createChunker, nameInWords, type Chunker } from '../chunk/chunker.ts'
import { ParseFailure, type ParsedPage } from '../parse/parsed-page.ts'
import type { PoolStep } from '../parse/parser-process.ts'
import { holdClaim, type Claim } from './claim.ts'
import { progressSignals } from './progress.ts'
import type { Summary } from './publish.ts'
import { analyseChunk, insertChunks, insertPages, type AnalysedChunk } from './write-batch.ts'

/** So much text, a dozen pages, tells a document's language; title pages and licences alone do not. */
const LANGUAGE_SAMPLE = 40_000
/** PGlite writes about 100,000 postings a second, and everybody else waits for a transaction: so many are 80 ms. */
const LEXEMES_PER_TRANSACTION = 8_000
const CHUNKS_PER_TRANSACTION = 200
/** Boxes make a page's row up to 40 kB. */
const PAGES_PER_TRANSACTION = 20
/** The rest of the way belongs to publishing and to tidying up. */
const PROGRESS_OF_INDEXING = 95

/** Who follows a file on its way. */
export interface Course {
  /** `progress` 0–100. */
  readonly report?: (stage: string, progress: number) => void
  /** Resolves when it is this file's turn to go on: before every step. */
  readonly turn?: (signal: AbortSignal) => Promise<void>
}

/**
 * Writes pages, chunks and postings of a claimed version, invisibly, as they are read: never more than one batch is in
 * memory. @throws ParseFailure what reading says, and `no_text` or `empty` when nothing was there to search.
 */
export async function indexFile(
  tenantDb: TenantDb,
  claim: Claim,
  steps: AsyncIterable<PoolStep>,
  signal: AbortSignal,
  { report, turn }: Course = {},
): Promise<Summary> {
  const { orgId } = tenantDb.actor
  const signals = progressSignals()
  let pages: ParsedPage[] = []
  let chunks: AnalysedChunk[] = []
  let lexemes = 0
  let sample = ''
  let characters = 0
  let chunkCount = 0
  let sectionCount = 0
  let pageCount: number | null = null
  let reading: { language: Language; chunker: Chunker } | null = null

  let furthest = 0
  /** Never back: a message counts by its characters, and a scan that is attached to it by its pages. */
  const progress = () => {
    const now = Math.floor(PROGRESS_OF_INDEXING * share(sectionCount, pageCount, characters, claim.sizeBytes))
    return (furthest = Math.max(furthest, now))
  }
  const tell = async (stage?: 'recognising' | 'chunking') => {
    report?.(stage ?? 'reading', progress())
    await tenantDb.tx(async (tx) => {
      await holdClaim(tx, orgId, claim, { progress: progress(), ...(stage === undefined ? {} : { stage }) })
      await emitSignal(tx, 'document', claim.documentId)
    })
  }

  /** Writes the pages, and all chunks in as many transactions as they need. */
  const flush = async (stage: 'indexing' | 'publishing') => {
    let todo = pages
    let waiting = chunks
    pages = []
    chunks = []
    lexemes = 0
    do {
      signal.throwIfAborted()
      await turn?.(signal)
      report?.(stage, progress())
      const size = batchSize(waiting)
      const batch = waiting.slice(0, size)
      const batchPages = todo
      await tenantDb.tx(async (tx) => {
        await holdClaim(tx, orgId, claim, { progress: progress(), stage })
        if (batchPages.length > 0) await insertPages(tx, orgId, claim, batchPages)
        if (batch.length > 0 && reading !== null) await insertChunks(tx, orgId, claim, reading.language, batch)
        if (signals.due()) await emitSignal(tx, 'document', claim.documentId)
      })
      todo = []
      waiting = waiting.slice(size)
    } while (waiting.length > 0)
  }

  const add = async (page: ParsedPage, { language, chunker }: { language: Language; chunker: Chunker }) => {
    pages.push(page)
    for (const chunk of chunker.chunksOf(page)) {
      const analysed = analyseChunk(page, chunk, language)
      chunks.push(analysed)
      lexemes += lexemesIn(analysed)
      chunkCount++
    }
    if (
      pages.length >= PAGES_PER_TRANSACTION ||
      chunks.length >= CHUNKS_PER_TRANSACTION ||
      lexemes >= LEXEMES_PER_TRANSACTION
    )
      await flush('indexing')
  }

  const warnings = new Map<WarningCode, number[]>()
  const warn = (code: WarningCode, at: number) => {
    const known = warnings.get(code)
    if (known === undefined) warnings.set(code, [at])
    else known.push(at)
  }
  const held: ParsedPage[] = []
  const start = async () => {
    await tell('chunking')
    const language = detectLanguage(sample)
    reading = { language, chunker: createChunker(nameInWords(claim.sourcePath), language) }
    for (const page of held.splice(0)) await add(page, reading)
    return reading
  }

  for await (const step of steps) {
    signal.throwIfAborted()
    await turn?.(signal)
    if ('recognising' in step) {
      // Takes seconds: readers see it begin.
      sectionCount = step.recognising.ordinal - 1
      pageCount = step.recognising.pageCount
      await tell('recognising')
      continue
    }
    sectionCount = step.page.ordinal
    pageCount = step.pageCount
    if (step.warning !== undefined) warn(step.warning, step.page.ordinal)
    characters += step.page.text.length
    if (reading !== null) {
      await add(step.page, reading)
      continue
    }
    held.push(step.page)
    // A long scan has no text to index: readers still see it move.
    if (signals.due()) await tell()
    sample += `${step.page.text}\n`
    if (sample.length >= LANGUAGE_SAMPLE) await start()
  }
  const { language } = reading ?? (await start())
  await flush('publishing')
  if (chunkCount === 0) throw new ParseFailure(pageCount === null ? 'empty' : 'no_text')
  return {
    ...{ language, chunkCount, sectionCount, pageCount },
    warnings: [...warnings].map(([code, ordinals]) => ({ code, ordinals })),
  }
}

const lexemesIn = ({ analysis }: AnalysedChunk) => analysis.tokens.length + analysis.rest.length / AVERAGE_WORD
/** Letters of a word and its space, in most languages with spaces. */
const AVERAGE_WORD = 6

/** As many chunks as fit one transaction, at least one. */
function batchSize(chunks: readonly AnalysedChunk[]): number {
  let lexemes = 0
  for (const [i, chunk] of chunks.entries()) {
    lexemes += lexemesIn(chunk)
    if (i > 0 && (i >= CHUNKS_PER_TRANSACTION || lexemes > LEXEMES_PER_TRANSACTION)) return i
  }
  return chunks.length
}

/** How much of the file has been read: by pages, or by characters, which are about as many as bytes. */
const share = (section: number, pages: number | null, characters: number, bytes: number) =>
  Math.min(1, pages === null ? characters / Math.max(1, bytes) : section / Math.max(1, pages))

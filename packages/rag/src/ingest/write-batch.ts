import { sql } from 'drizzle-orm'
import type { TenantTx } from '@quarry/db'
import { analyse, type Analysis } from '../analyse/analyse.ts'
import type { Language } from '../analyse/language.ts'
import type { Chunk } from '../chunk/chunker.ts'
import type { ParsedPage } from '../parse/parsed-page.ts'
import type { Claim } from './claim.ts'

export interface AnalysedChunk {
  readonly chunk: Chunk
  readonly analysis: Analysis
}

/** A chunk's text with its context in front, as it is indexed. */
export function analyseChunk(page: ParsedPage, chunk: Chunk, language: Language): AnalysedChunk {
  return {
    chunk,
    analysis: analyse(`${chunk.context}\n${page.text.slice(chunk.span.start, chunk.span.end)}`, language),
  }
}

/** Longer ones are keys and encoded data, which nobody searches for; Postgres' B-tree refuses them from 2,700 bytes on. */
const LONGEST_LEXEME = 128

export function insertPages(tx: TenantTx, orgId: string, claim: Claim, pages: readonly ParsedPage[]) {
  const rows = JSON.stringify(
    pages.map(({ ordinal, text, width, height, boxes, label, ocr, blocks }) => ({
      ...{ ordinal, text, width, height, boxes, blocks },
      label: label ?? null,
      ocr: ocr ?? false,
    })),
  )
  return tx.execute(sql`
    insert into document_page (org_id, version_id, ordinal, collection_id, text, width, height, boxes, label, ocr, blocks)
    select ${orgId}::uuid, ${claim.versionId}::uuid, p.ordinal, ${claim.collectionId}::uuid, p.text, p.width, p.height, p.boxes,
      p.label, p.ocr, p.blocks
    from jsonb_to_recordset(${rows}::jsonb) as p (ordinal integer, text text, width double precision, height double precision, boxes jsonb,
      label text, ocr boolean, blocks jsonb)`)
}

/**
 * Writes chunks and their postings in one statement. A chunk's length, BM25's dl, is the number of its lexemes with
 * repetitions, so that term frequencies add up to it.
 */
export function insertChunks(
  tx: TenantTx,
  orgId: string,
  claim: Claim,
  language: Language,
  chunks: readonly AnalysedChunk[],
) {
  const rows = JSON.stringify(
    chunks.map(({ chunk, analysis }) => ({
      ordinal: chunk.ordinal,
      page: chunk.page,
      span_start: chunk.span.start,
      span_end: chunk.span.end,
      heading_path: chunk.headingPath,
      configuration: analysis.configuration,
      rest: analysis.rest,
      tokens: analysis.tokens,
    })),
  )
  return tx.execute(sql`
    with input as materialized (
      select * from jsonb_to_recordset(${rows}::jsonb) as c (
        ordinal integer, page integer, span_start integer, span_end integer, heading_path jsonb, configuration text, rest text, tokens jsonb)
    ),
    counted as materialized (
      select i.ordinal, l.lexeme, sum(l.tf)::integer as tf
      from input i cross join lateral (
        select v.lexeme, coalesce(array_length(v.positions, 1), 1) as tf from unnest(to_tsvector(i.configuration::regconfig, i.rest)) as v
        union all
        select t.lexeme, count(*)::integer from jsonb_array_elements_text(i.tokens) as t (lexeme) group by t.lexeme
      ) l
      where length(l.lexeme) <= ${LONGEST_LEXEME}::integer
      group by i.ordinal, l.lexeme
    ),
    measured as (select ordinal, sum(tf)::integer as length from counted group by ordinal),
    chunks as (
      insert into chunk (org_id, version_id, ordinal, document_id, collection_id, heading_path, page_from, page_to, span_start, span_end, token_count, language)
      select ${orgId}::uuid, ${claim.versionId}::uuid, i.ordinal, ${claim.documentId}::uuid, ${claim.collectionId}::uuid,
        array(select jsonb_array_elements_text(i.heading_path)), i.page, i.page, i.span_start, i.span_end, coalesce(m.length, 0), ${language}
      from input i left join measured m using (ordinal)
    )
    insert into posting (org_id, lexeme, version_id, ordinal, collection_id, tf, length)
    select ${orgId}::uuid, c.lexeme, ${claim.versionId}::uuid, c.ordinal, ${claim.collectionId}::uuid, c.tf, m.length
    from counted c join measured m using (ordinal)`)
}

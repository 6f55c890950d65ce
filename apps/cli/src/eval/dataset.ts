import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { CommandFailure } from '../failure.ts'
import type { Judgements } from './metrics.ts'

/** A retrieval test set in the form of BEIR (github.com/beir-cellar/beir): documents, queries, and who answers whom. */
export interface Dataset {
  readonly name: string
  readonly documents: readonly CorpusDocument[]
  /** Only queries that have at least one judgement. */
  readonly queries: readonly { readonly id: string; readonly text: string }[]
  /** Query id → document id → gain. */
  readonly judgements: ReadonlyMap<string, Judgements>
}

export interface CorpusDocument {
  readonly id: string
  readonly title: string
  readonly text: string
}

const corpusLine = z.object({ _id: z.string(), title: z.string().default(''), text: z.string() })
const queryLine = z.object({ _id: z.string(), text: z.string() })

/**
 * Reads `corpus.jsonl`, `queries.jsonl` and `qrels.tsv` (query-id, corpus-id, score; with or without a header).
 * Throws CommandFailure naming the file and the line that is wrong.
 */
export const readDataset = async (folder: string): Promise<Dataset> => {
  const judgements = await readJudgements(join(folder, 'qrels.tsv'))
  const documents: CorpusDocument[] = []
  for await (const { _id, title, text } of jsonLines(join(folder, 'corpus.jsonl'), corpusLine)) {
    documents.push({ id: _id, title, text })
  }
  const queries: { id: string; text: string }[] = []
  for await (const { _id, text } of jsonLines(join(folder, 'queries.jsonl'), queryLine)) {
    if (judgements.has(_id)) queries.push({ id: _id, text })
  }
  if (documents.length === 0) throw new CommandFailure(`There are no documents in ${join(folder, 'corpus.jsonl')}.`)
  if (queries.length === 0) throw new CommandFailure(`No query of ${folder} has a judgement in qrels.tsv.`)
  return { name: basename(folder), documents, queries, judgements }
}

const readJudgements = async (file: string): Promise<ReadonlyMap<string, Judgements>> => {
  const judgements = new Map<string, Map<string, number>>()
  for await (const { line, number } of lines(file)) {
    const [queryId, documentId, score, ...rest] = line.split('\t')
    const gain = Number(score)
    if (
      queryId === undefined ||
      documentId === undefined ||
      !Number.isFinite(gain) ||
      score === '' ||
      rest.length > 0
    ) {
      // BEIR's own files start with the names of the columns.
      if (number === 1) continue
      throw new CommandFailure(
        `${file}, line ${number}: a query id, a document id and a number are expected, with tabs between.`,
      )
    }
    const judged = judgements.get(queryId) ?? new Map<string, number>()
    judgements.set(queryId, judged.set(documentId, gain))
  }
  return judgements
}

async function* jsonLines<Schema extends z.ZodType>(file: string, schema: Schema): AsyncGenerator<z.output<Schema>> {
  for await (const { line, number } of lines(file)) {
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (error) {
      throw new CommandFailure(`${file}, line ${number}: this is not JSON.`, { cause: error })
    }
    const parsed = schema.safeParse(value)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new CommandFailure(`${file}, line ${number}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
    }
    yield parsed.data
  }
}

/** Lines that are not empty, with their 1-based numbers. */
async function* lines(file: string): AsyncGenerator<{ line: string; number: number }> {
  const stream = createReadStream(file, 'utf8')
  let number = 0
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      number += 1
      if (line.trim() !== '') yield { line, number }
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      throw new CommandFailure(
        `There is no ${file}. A folder with corpus.jsonl, queries.jsonl and qrels.tsv is expected.`,
      )
    }
    throw error
  } finally {
    stream.destroy()
  }
}

import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { z } from 'zod'
import type { Collection, EvalMode } from '@quarry/contracts'
import { evalJson, evalMode, evalRun } from '@quarry/contracts'
import { defineCommand, JSON_OPTION } from '../command.ts'
import type { Dataset } from '../eval/dataset.ts'
import { readDataset } from '../eval/dataset.ts'
import { evaluate } from '../eval/metrics.ts'
import { percentile } from '../eval/percentile.ts'
import type { QueryRun } from '../eval/run-queries.ts'
import { runQueries } from '../eval/run-queries.ts'
import { createThrowawayCollection, fillCollection } from '../eval/throwaway-collection.ts'
import { CommandFailure } from '../failure.ts'
import { removeCollection } from '../server/collections.ts'
import { connect } from '../server/connection.ts'
import type { Connection } from '../server/connection.ts'
import { explainFailure } from '../server/errors.ts'
import { printJson } from '../terminal/json.ts'
import { table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'

export const evalCommand = defineCommand({
  name: 'eval',
  takes: '<folder>',
  summary: 'Measure search on a test set with known answers.',
  details: [
    '',
    'The folder is in the form of BEIR: corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels.tsv (query-id,',
    'corpus-id, score). Its documents go through upload, ingestion and search like any others, in a collection that is',
    'deleted at the end. The figures are counted as trec_eval counts them, over every query that has a judgement.',
  ],
  options: {
    mode: {
      type: 'string',
      value: 'lexical|hybrid',
      help: 'By words alone (lexical, the default), or by meaning, too; hybrid waits for the semantic index.',
    },
    run: { type: 'string', value: 'file', help: 'Write {queryId: [[documentId, score], …]}, 100 a query.' },
    keep: { type: 'boolean', help: 'Keep the collection.' },
    json: JSON_OPTION,
  },
  examples: ['eval ./scifact --mode lexical', 'eval ./scifact --run ranking.json --json'],
  async run({ env, terminal, connect: connectHere }, options, positionals) {
    const [folder, ...more] = positionals
    if (folder === undefined || more.length > 0)
      throw new CommandFailure('One folder is expected. See: quarry eval --help')
    const mode = modeOf(options.mode)
    const dataset = await readDataset(resolve(env.callerDir, folder))
    const connection = await connectHere()
    const collection = await createThrowawayCollection(connection, dataset)
    try {
      const { run, ingestMs } = await measure(connection, collection, dataset, mode, terminal)
      const result = summarise(dataset, mode, run, ingestMs)
      terminal.clearProgress()
      if (options.run !== undefined) {
        const file = resolve(env.callerDir, options.run)
        await writeFile(file, JSON.stringify(evalRun.parse(Object.fromEntries(run.rankings))))
      }
      if (options.json === true) printJson(terminal, evalJson, result)
      else terminal.out(resultTable(result))
    } finally {
      if (options.keep === true) terminal.note(`The documents stay in the collection “${collection.name}”.`)
      // An interrupted connection makes no more calls, so that cleaning up has one of its own.
      else await cleanUp(terminal, collection, await connect(env, new AbortController().signal))
    }
    return 0
  },
})

const measure = async (
  connection: Connection,
  collection: Collection,
  dataset: Dataset,
  mode: EvalMode,
  terminal: Terminal,
): Promise<{ run: QueryRun; ingestMs: number }> => {
  const total = dataset.documents.length
  const start = performance.now()
  const failed = await fillCollection(connection, collection, dataset, mode, (done) =>
    terminal.progress(`${done} of ${total} documents searchable`),
  )
  const ingestMs = performance.now() - start
  if (failed.length > 0) {
    terminal.note(`${failed.length} of ${total} documents did not become searchable: ${failed.slice(0, 5).join(', ')}`)
  }
  const run = await runQueries(connection, collection, dataset, mode, (done) =>
    terminal.progress(`${done} of ${dataset.queries.length} queries`),
  )
  return { run, ingestMs }
}

const summarise = (dataset: Dataset, mode: EvalMode, run: QueryRun, ingestMs: number): z.infer<typeof evalJson> => ({
  dataset: dataset.name,
  mode,
  queries: dataset.queries.length,
  documents: dataset.documents.length,
  metrics: evaluate(run.rankings, dataset.judgements),
  timings: {
    ingestMs: Math.round(ingestMs),
    queryP50Ms: Math.round(percentile(run.latenciesMs, 50) * 10) / 10,
    queryP95Ms: Math.round(percentile(run.latenciesMs, 95) * 10) / 10,
  },
})

/** Never hides what went wrong before it: a failure to clean up is only a note. */
const cleanUp = async (terminal: Terminal, collection: Collection, connection: Connection): Promise<void> => {
  terminal.progress('deleting the collection')
  try {
    await removeCollection(connection, collection.id)
  } catch (error) {
    const reason = explainFailure(error, connection.credentials.url).message
    terminal.note(`The collection “${collection.name}” could not be deleted and stays: ${reason}`)
  }
  terminal.clearProgress()
}

const modeOf = (text = 'lexical'): EvalMode => {
  const mode = evalMode.safeParse(text)
  if (mode.success) return mode.data
  throw new CommandFailure(`--mode is lexical or hybrid, not “${text}”.`)
}

const resultTable = ({ dataset, mode, queries, documents, metrics, timings }: z.infer<typeof evalJson>): string =>
  table([
    ['data set', `${dataset}: ${documents} documents, ${queries} queries`],
    ['search', mode === 'hybrid' ? 'by words and meaning' : 'by words alone'],
    ['nDCG@10', metrics.ndcg10.toFixed(4)],
    ['Recall@10', metrics.recall10.toFixed(4)],
    ['Recall@100', metrics.recall100.toFixed(4)],
    ['MRR@10', metrics.mrr10.toFixed(4)],
    ['ingestion', `${(timings.ingestMs / 1000).toFixed(1)} s`],
    ['a query', `${timings.queryP50Ms} ms (p50), ${timings.queryP95Ms} ms (p95)`],
  ])

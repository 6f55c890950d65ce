import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readDataset } from './dataset.ts'
import { markdownOf, pathOf } from './markdown.ts'
import { percentile } from './percentile.ts'
import { bestPerDocument } from './run-queries.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-eval-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const write = async (files: { corpus?: string; queries?: string; qrels?: string }): Promise<void> => {
  if (files.corpus !== undefined) await writeFile(join(folder, 'corpus.jsonl'), files.corpus)
  if (files.queries !== undefined) await writeFile(join(folder, 'queries.jsonl'), files.queries)
  if (files.qrels !== undefined) await writeFile(join(folder, 'qrels.tsv'), files.qrels)
}
const CORPUS = '{"_id":"d1","title":"One","text":"first"}\n{"_id":"d 2","text":"second"}\n'
const QUERIES = '{"_id":"q1","text":"one?","extra":[1]}\n{"_id":"q2","text":"unjudged"}\n'

describe('readDataset', () => {
  it('reads documents, judged queries and judgements, with a header or without', async () => {
    for (const header of ['query-id\tcorpus-id\tscore\n', '']) {
      await write({ corpus: CORPUS, queries: QUERIES, qrels: `${header}q1\td1\t2\r\nq1\td 2\t0\n\n` })
      const dataset = await readDataset(folder)
      expect(dataset.name).toBe(basename(folder))
      expect(dataset.documents.map(({ id }) => id)).toEqual(['d1', 'd 2'])
      expect(dataset.queries).toEqual([{ id: 'q1', text: 'one?' }])
      expect([...(dataset.judgements.get('q1') ?? [])]).toEqual([
        ['d1', 2],
        ['d 2', 0],
      ])
    }
  })

  it('names the file and the line that is wrong', async () => {
    await write({ corpus: CORPUS, queries: QUERIES, qrels: 'q1\td1\t1\nq1 d1 1\n' })
    await expect(readDataset(folder)).rejects.toThrow(/qrels\.tsv, line 2: /u)
    await write({ qrels: 'q1\td1\t1\n', corpus: `${CORPUS}{"_id":` })
    await expect(readDataset(folder)).rejects.toThrow(/corpus\.jsonl, line 3: this is not JSON/u)
    await write({ corpus: '{"_id":"d1"}' })
    await expect(readDataset(folder)).rejects.toThrow(/corpus\.jsonl, line 1: text /u)
  })

  it('says what is missing', async () => {
    await expect(readDataset(folder)).rejects.toThrow(/There is no .*qrels\.tsv/u)
    await write({ corpus: CORPUS, queries: QUERIES, qrels: 'q9\td1\t1\n' })
    await expect(readDataset(folder)).rejects.toThrow(/No query/u)
  })
})

describe('a corpus document as a file', () => {
  it('has a heading only when it has a title', () => {
    expect(markdownOf({ id: '1', title: ' A\ntitle ', text: 'Text' })).toBe('# A title\n\nText\n')
    expect(markdownOf({ id: '1', title: '', text: 'Text' })).toBe('Text\n')
  })

  it('has a path that stands for any id', () => {
    expect(pathOf({ id: 'a/../b c', title: '', text: '' })).toBe('a%2F..%2Fb%20c.md')
  })
})

describe('bestPerDocument', () => {
  it('keeps the best passage of each document, in order, and nothing foreign', () => {
    const hits = [
      { document: 'a.md', score: 3 },
      { document: 'x.md', score: 2.5 },
      { document: 'b.md', score: 2 },
      { document: 'a.md', score: 1 },
    ]
    expect(
      bestPerDocument(
        hits,
        new Map([
          ['a.md', 'A'],
          ['b.md', 'B'],
        ]),
      ),
    ).toEqual([
      ['A', 3],
      ['B', 2],
    ])
  })
})

describe('percentile', () => {
  it('is the nearest rank', () => {
    expect(percentile([4, 1, 3, 2], 50)).toBe(2)
    expect(percentile([4, 1, 3, 2], 95)).toBe(4)
    expect(percentile([], 50)).toBe(0)
  })
})

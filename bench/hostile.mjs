// Reads the hostile corpus, all of it, with a parser as a worker has it, and prints one JSON object: how long each file
// took, what memory, and what went wrong. `--json` is accepted and changes nothing.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CORPUS } from '../packages/rag/src/parse/hostile/corpus.ts'
import {
  MOST_MEBIBYTES,
  MOST_SECONDS,
  productionLimits,
  runCorpus,
} from '../packages/rag/src/parse/hostile/run-corpus.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'quarry-hostile-'))
try {
  const results = []
  for await (const result of runCorpus(CORPUS, { folder, limits: productionLimits() }))
    results.push({ ...result, seconds: Math.round(result.seconds * 100) / 100, peakMb: Math.round(result.peakMb) })
  const red = results.filter(({ faults }) => faults.length > 0)
  console.log(
    JSON.stringify({
      files: results.length,
      searchable: results.filter(({ outcome }) => outcome === 'searchable').length,
      slowestSeconds: Math.max(...results.map(({ seconds }) => seconds)),
      mostPeakMb: Math.max(...results.map(({ peakMb }) => peakMb)),
      limits: { seconds: MOST_SECONDS, memoryMb: MOST_MEBIBYTES },
      red: red.map(({ name }) => name),
      pass: red.length === 0,
      results,
    }),
  )
  if (red.length > 0) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true })
}

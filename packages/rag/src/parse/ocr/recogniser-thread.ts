/**
 * The thread that looks at pictures: one per file, so that nothing of one file is left for the next, and ended from
 * outside when it takes too long. Whatever it loads, it loads for the first page that needs it.
 */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { startEngine, type Engine } from './engine.ts'
import { isBlank, toPgm } from './grey-picture.ts'
import { openPagePictures, type PagePictures } from './page-pictures.ts'
import { readPicture } from './read-picture.ts'
import type { Answer, Question, SeenPage, ThreadData, Turns } from './recognition.ts'

const { source, languages } = workerData as ThreadData
let engine: Promise<Engine> | undefined
let pictures: Promise<PagePictures> | undefined
const engineOnce = () => (engine ??= startEngine(languages))
const picturesOnce = () => (pictures ??= openPagePictures(source))

const POINTS_PER_INCH = 72

async function answer(question: Question): Promise<Answer> {
  if (question.type === 'look') return { type: 'look', look: (await picturesOnce()).look(question.page) }
  if (question.type === 'page') return { type: 'seen', page: await readPage(question.page) }
  return { type: 'seen', page: await readImage(question.turns, question.pixels) }
}

async function readPage(number: number): Promise<SeenPage> {
  const { picture, scale, width, height } = (await picturesOnce()).draw(number)
  if (isBlank(picture)) return { blank: true, lines: [], scale, width, height, turns: 0, slope: 0, confidence: 0 }
  const { pixels } = picture
  const read = readPicture(await engineOnce(), {
    ...{ file: toPgm(picture), pixels: pixels.length, turns: 0, dotsPerInch: scale * POINTS_PER_INCH },
  })
  return { ...read, blank: false, scale: scale * read.enlargement, width, height }
}

async function readImage(turns: Turns, pixels: number): Promise<SeenPage> {
  const file = typeof source === 'string' ? readFileSync(source) : source
  const read = readPicture(await engineOnce(), { file, pixels, turns })
  // The reader knows the size from the file's header.
  return { ...read, blank: false, scale: read.enlargement, width: 0, height: 0 }
}

parentPort?.on('message', (question: Question) => {
  answer(question).then(
    (reply) => parentPort?.postMessage(reply),
    (error: unknown) => {
      const detail = error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)
      parentPort?.postMessage({ type: 'error', detail } satisfies Answer)
    },
  )
})

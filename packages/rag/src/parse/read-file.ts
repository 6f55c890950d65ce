import { stat } from 'node:fs/promises'
import { Recogniser } from './ocr/recogniser.ts'
import { ParseFailure, type ReadableFile, type ReadStep } from './parsed-page.ts'
import { samplePdf } from './pdf/sample-pdf.ts'
import type { Source } from './source.ts'

const NO_OCR = new Recogniser(null, () => Promise.resolve())

type Read = (source: Source, recogniser: Recogniser) => AsyncGenerator<ReadStep>

/** Loaded for the first file of its kind: all readers together cost a new process half a second of computing. */
const READERS: Readonly<Partial<Record<ReadableFile['mediaType'], () => Promise<Read>>>> = {
  'application/pdf': async () => (await import('./pdf/read-pdf.ts')).readPdf,
  'image/png': () => image('image/png'),
  'image/jpeg': () => image('image/jpeg'),
  'image/webp': () => image('image/webp'),
  'text/markdown': async () => (await import('./read-markdown.ts')).readMarkdown,
  'text/plain': async () => (await import('./read-text.ts')).readText,
  'text/html': async () => (await import('./html/read-html.ts')).readHtml,
  'text/csv': async () => (await import('./csv/read-csv.ts')).readCsv,
  'text/x-source-code': async () => (await import('./code/read-code.ts')).readCode,
  'application/rtf': async () => (await import('./rtf/read-rtf.ts')).readRtf,
  'message/rfc822': email,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': async () =>
    (await import('./office/docx/read-docx.ts')).readDocx,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': async () => {
    const { readXlsx } = await import('./office/xlsx/read-xlsx.ts')
    return (source) => readXlsx(source)
  },
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': async () =>
    (await import('./office/pptx/read-pptx.ts')).readPptx,
  'application/epub+zip': async () => (await import('./office/epub/read-epub.ts')).readEpub,
  'application/vnd.oasis.opendocument.text': async () => (await import('./office/odt/read-odt.ts')).readOdt,
}

async function image(mediaType: 'image/png' | 'image/jpeg' | 'image/webp'): Promise<Read> {
  const { readImage } = await import('./image/read-image.ts')
  return (source, recogniser) => readImage(source, mediaType, recogniser)
}

/** What is attached is read by the reader of its kind, pictures and scans included. */
async function email(): Promise<Read> {
  const { readEmail } = await import('./email/read-email.ts')
  return (source, recogniser) =>
    readEmail(source, async ({ mediaType, bytes }) => {
      const load = mediaType === null ? undefined : READERS[mediaType]
      return load === undefined ? null : (await load())(bytes, recogniser)
    })
}

/** Reads a file in this process: for the parser's child process only, which is made to be killed. @throws ParseFailure */
export async function* readPages(file: ReadableFile, recogniser: Recogniser = NO_OCR): AsyncGenerator<ReadStep> {
  if ((await stat(file.path)).size === 0) throw new ParseFailure('empty')
  const load = READERS[file.mediaType]
  if (load === undefined) throw new ParseFailure('unsupported_type')
  yield* (await load())(file.path, recogniser)
}

/** The first PDF of a process costs 0.2 s more than the ones after it, most of it for what any PDF would do. */
const SAMPLES: Readonly<Partial<Record<ReadableFile['mediaType'], () => Uint8Array>>> = { 'application/pdf': samplePdf }
/** The first costs 120 ms, and after the third nothing more is gained. */
const SAMPLE_TIMES = 3

/** Makes this process as quick at such files as one that has read some. */
export async function warmReaders(mediaTypes: readonly ReadableFile['mediaType'][]): Promise<void> {
  for (const mediaType of mediaTypes) {
    const read = await READERS[mediaType]?.()
    const sample = SAMPLES[mediaType]?.()
    for (let i = 0; read !== undefined && sample !== undefined && i < SAMPLE_TIMES; i++)
      for await (const _ of read(sample, NO_OCR));
  }
}

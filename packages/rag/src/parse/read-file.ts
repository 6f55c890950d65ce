import { stat } from 'node:fs/promises'
import { readCode } from './code/read-code.ts'
import { readCsv } from './csv/read-csv.ts'
import { readEmail } from './email/read-email.ts'
import { readHtml } from './html/read-html.ts'
import { readDocx } from './office/docx/read-docx.ts'
import { readEpub } from './office/epub/read-epub.ts'
import { readOdt } from './office/odt/read-odt.ts'
import { readPptx } from './office/pptx/read-pptx.ts'
import { readXlsx } from './office/xlsx/read-xlsx.ts'
import { readImage } from './image/read-image.ts'
import { Recogniser } from './ocr/recogniser.ts'
import { ParseFailure, type ReadableFile, type ReadStep } from './parsed-page.ts'
import { readPdf } from './pdf/read-pdf.ts'
import { readMarkdown } from './read-markdown.ts'
import { readText } from './read-text.ts'
import { readRtf } from './rtf/read-rtf.ts'
import type { Source } from './source.ts'

const NO_OCR = new Recogniser(null, () => Promise.resolve())

const READERS: Readonly<
  Partial<Record<ReadableFile['mediaType'], (source: Source, recogniser: Recogniser) => AsyncGenerator<ReadStep>>>
> = {
  'application/pdf': readPdf,
  'image/png': (path, recogniser) => readImage(path, 'image/png', recogniser),
  'image/jpeg': (path, recogniser) => readImage(path, 'image/jpeg', recogniser),
  'image/webp': (path, recogniser) => readImage(path, 'image/webp', recogniser),
  'text/markdown': readMarkdown,
  'text/plain': readText,
  'text/html': readHtml,
  'text/csv': readCsv,
  'text/x-source-code': readCode,
  'application/rtf': readRtf,
  'message/rfc822': (source, recogniser) =>
    readEmail(source, ({ mediaType, bytes }) =>
      mediaType === null ? null : (READERS[mediaType]?.(bytes, recogniser) ?? null),
    ),
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': readDocx,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': (path) => readXlsx(path),
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': readPptx,
  'application/epub+zip': readEpub,
  'application/vnd.oasis.opendocument.text': readOdt,
}

/** Reads a file in this process: for the parser's child process only, which is made to be killed. @throws ParseFailure */
export async function* readPages(file: ReadableFile, recogniser: Recogniser = NO_OCR): AsyncGenerator<ReadStep> {
  if ((await stat(file.path)).size === 0) throw new ParseFailure('empty')
  const read = READERS[file.mediaType]
  if (read === undefined) throw new ParseFailure('unsupported_type')
  yield* read(file.path, recogniser)
}

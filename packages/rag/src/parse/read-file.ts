import { stat } from 'node:fs/promises'
import { readHtml } from './html/read-html.ts'
import { ParseFailure, type ReadableFile, type ReadStep } from './parsed-page.ts'
import { readPdf } from './pdf/read-pdf.ts'
import { readMarkdown } from './read-markdown.ts'
import { readText } from './read-text.ts'

const READERS: Readonly<Partial<Record<ReadableFile['mediaType'], (path: string) => AsyncGenerator<ReadStep>>>> = {
  'application/pdf': readPdf,
  'text/markdown': readMarkdown,
  'text/plain': readText,
  'text/html': readHtml,
}

/** Reads a file in this process: for the parser's child process only, which is made to be killed. @throws ParseFailure */
export async function* readPages(file: ReadableFile): AsyncGenerator<ReadStep> {
  if ((await stat(file.path)).size === 0) throw new ParseFailure('empty')
  const read = READERS[file.mediaType]
  if (read === undefined) throw new ParseFailure('unsupported_type')
  yield* read(file.path)
}

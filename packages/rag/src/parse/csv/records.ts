import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import type { TextEncoding } from '../decode.ts'
import type { Source } from '../source.ts'
import { textOf } from '../text/stream-text.ts'

/** A cell with more than this is a quote that was never closed. */
const LONGEST_RECORD = 1_000_000

/**
 * Records of a CSV file (RFC 4180, forgiving: ragged rows, quotes in the middle of a cell), read as a stream. From a
 * quote on that never ends, quotes are characters like any other.
 */
export async function* recordsOf(source: Source, encoding: TextEncoding, delimiter: string): AsyncGenerator<string[]> {
  let linesRead = 0
  for (const quote of ['"', null]) {
    const parser = parse({
      ...{ delimiter, quote, info: true, relax_quotes: true, relax_column_count: true, skip_empty_lines: true },
      record_delimiter: ['\r\n', '\n', '\r'],
      ...(quote === null ? { from_line: linesRead + 1 } : { max_record_size: LONGEST_RECORD }),
    })
    const text = Readable.from(textOf(source, encoding))
    text.on('error', (error) => parser.destroy(error)).pipe(parser)
    try {
      for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
        linesRead = info.lines
        yield record
      }
      return
    } catch (error) {
      if (!(error instanceof CsvError) || quote === null) throw error
    } finally {
      text.destroy()
    }
  }
}

import type { SearchHit } from '@quarry/contracts'
import { printable, searchJson } from '@quarry/contracts'
import { wholeNumber } from '../arguments.ts'
import { defineCommand, JSON_OPTION } from '../command.ts'
import { CommandFailure } from '../failure.ts'
import { requireCollection } from '../server/collections.ts'
import { printJson } from '../terminal/json.ts'
import { placeOf } from '../terminal/place.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** About two lines of text on either side of the first match. */
const SNIPPET_LENGTH = 320

export const searchCommand = defineCommand({
  name: 'search',
  takes: '"<query>"',
  summary: 'Find the passages that match a query, best first.',
  details: [
    '',
    'By words and by meaning, in what the key may see. The number behind a place is its score: it ranks the hits of one',
    'query, and says nothing across queries.',
  ],
  options: {
    limit: { type: 'string', value: 'n', help: 'How many passages, 1 to 100 (10).' },
    collection: { type: 'string', value: 'name', help: 'Search only this collection.' },
    json: JSON_OPTION,
  },
  examples: ['search "parental leave"', 'search "notice period" --limit 3 --json'],
  async run({ connect, terminal }, options, positionals) {
    const query = positionals.join(' ').trim()
    if (query === '') throw new CommandFailure('What should be searched for? See: quarry search --help')
    const limit = wholeNumber('limit', options.limit, { min: 1, max: 100 }) ?? 10
    const connection = await connect()
    const collectionIds =
      options.collection === undefined ? null : [(await requireCollection(connection, options.collection)).id]
    const { hits, tookMs } = await connection.api.search.query.query({ query, limit, collectionIds })
    if (options.json === true) {
      printJson(terminal, searchJson, {
        hits: hits.map(({ document, page, score, text }) => ({ document, page, score, text })),
        tookMs,
      })
      return 0
    }
    if (hits.length === 0) terminal.note('Nothing matches.')
    for (const [index, hit] of hits.entries()) {
      terminal.out(
        `${index + 1}. ${terminal.style.bold(printable(placeOf(hit)))}  ${terminal.style.dim(hit.score.toFixed(2))}\n`,
      )
      terminal.out(`   ${snippet(hit, terminal)}\n\n`)
    }
    return 0
  },
})

/** The part of the passage around its first matched word, with the matched words in bold, on one line. */
const snippet = (hit: SearchHit, { style }: Terminal): string => {
  const first = hit.highlights[0]?.start ?? 0
  const start = Math.max(0, Math.min(first - SNIPPET_LENGTH / 4, hit.text.length - SNIPPET_LENGTH))
  const end = Math.min(hit.text.length, start + SNIPPET_LENGTH)
  let line = start > 0 ? '…' : ''
  let at = start
  for (const mark of hit.highlights) {
    if (mark.start < at || mark.end > end) continue
    line += flat(hit.text.slice(at, mark.start)) + style.bold(flat(hit.text.slice(mark.start, mark.end)))
    at = mark.end
  }
  return line + flat(hit.text.slice(at, end)) + (end < hit.text.length ? '…' : '')
}

const flat = (text: string): string => printable(text).replaceAll(/\s+/gu, ' ')

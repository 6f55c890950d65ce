import type { Message } from '@quarry/contracts'
import { t } from '../../../i18n/translate.ts'
import { withNumbers } from './numbered-markers.ts'
import { referencesOf } from './reference.ts'

type Cited = Pick<Message, 'text' | 'citations'>

/** An answer for a place that takes plain text: its Markdown with `[1]`, then what the numbers stand for. */
export const answerAsText = ({ text, citations }: Cited, origin: string): string => {
  const known = new Set(citations.map(({ marker }) => marker))
  const body = withNumbers(text, (marker) => known.has(marker)).trim()
  if (citations.length === 0) return body
  const lines = referencesOf(citations, origin).map(
    ({ marker, title, place, quote, verification, url }) =>
      `[${marker}] ${[title, place].filter((part) => part !== '').join(', ')} (${verification})\n    “${quote}”\n    ${url}`,
  )
  return `${body}\n\n${t('export.sources')}\n${lines.join('\n')}`
}

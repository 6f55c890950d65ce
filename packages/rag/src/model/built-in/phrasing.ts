import { NO_ANSWER_MARKER } from '../../answer/citation-filter.ts'
import type { Quote } from './select-quotes.ts'

/**
 * The answer as markdown: each quotation is followed by its marker.
 * @param places in how many places of the document the words stand, all quotes being the first of them; 1 when each
 *   quotation is another one.
 */
export function quotationAnswer(quotes: readonly Quote[], chinese: boolean, places = 1): string {
  const [first, ...others] = quotes
  if (first && places > 1) return [quotationAnswer([first], chinese), repeated(others, chinese, places)].join('\n\n')
  return quotes
    .map((quote, i) => {
      const source = sourceOf(quote, chinese)
      const lead = chinese
        ? `${i === 0 ? '根据' : '另见'}${source}：`
        : `${i === 0 ? 'According to' : 'See also'} ${source}: `
      return `${lead}${quoted(quote.text)} ${marker(quote)}`
    })
    .join('\n\n')
}

function repeated(others: readonly Quote[], chinese: boolean, places: number): string {
  if (chinese)
    return `同样的文字在该文档中共有 ${places} 处，其中包括${others.map((at) => `${pageOf(at, true)} ${marker(at)}`).join('、')}。`
  const also = others.map((at) => `${pageOf(at, false)} ${marker(at)}`).join(' and ')
  return `The same words stand in ${places} places of this document, also ${also}.`
}

const pageOf = ({ page }: Quote, chinese: boolean): string => {
  if (page === null) return chinese ? '此处' : 'here'
  return chinese ? `第 ${page} 页` : `on page ${page}`
}

/** The document, its page, and the heading where that adds something: a version, a rule's number, a department. */
function sourceOf({ document, page, under, text }: Quote, chinese: boolean): string {
  const name = `**${document.replaceAll('*', '')}**`
  const place = page === null ? name : chinese ? `${name}第 ${page} 页` : `${name}, page ${page}`
  const heading = under.replace(/\s+/gu, ' ').trim()
  if (heading === '' || heading.length > LONGEST_HEADING || text.includes(heading)) return place
  return chinese ? `${place}${quoted(heading)}一节` : `${place}, under ${quoted(heading)}`
}

/** A longer one is a sentence that was set as a heading. */
const LONGEST_HEADING = 80

/** @param nearest a passage that is about the question without answering it, if there is one. */
export function noAnswer(nearest: Quote | null, chinese: boolean): string {
  const sentence = chinese
    ? '在可检索的文档中没有找到这个问题的答案。'
    : 'I found nothing in the documents that answers this question.'
  if (!nearest) return `${NO_ANSWER_MARKER} ${sentence}`
  const lead = chinese
    ? `最接近的内容在${sourceOf(nearest, chinese)}：`
    : ` The nearest passage is in ${sourceOf(nearest, chinese)}: `
  return `${NO_ANSWER_MARKER} ${sentence}${lead}${quoted(nearest.text)} ${marker(nearest)}`
}

/** Text with signs of markdown or code stands in a code span, where they mean nothing. */
function quoted(text: string): string {
  const line = harmless(text.replace(/\s+/g, ' '))
  if (/[`*<>{}|\\~^]|(?:^|\s)[_#=]|\$|_(?:\s|$)/u.test(line)) {
    const fence = '`'.repeat(Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length)) + 1)
    const space = fence.length > 1 ? ' ' : ''
    return `${fence}${space}${line}${space}${fence}`
  }
  return `“${line}”`
}

/** A document may contain what looks like a marker of ours: it must not become one. */
const harmless = (text: string) => text.replace(/[[【](?=\s*[pP]\d|\^|no-answer)/gu, '(')

const PAIRS = ['""', '“”', '«»', '「」'] as const

/** With the exact words, in quotation marks that do not end early inside them; without words when there are none such. */
function marker({ label, text }: Quote): string {
  const pair = PAIRS.find((candidate) => !closesEarly(text, candidate.charAt(1)))
  return pair === undefined || /[,;、，]\s*[pP]\d/u.test(text)
    ? `[${label}]`
    : `[${label} ${pair.charAt(0)}${text}${pair.charAt(1)}]`
}

const closesEarly = (text: string, closing: string) =>
  new RegExp(`${closing}\\s*[\\]】]`, 'u').test(text) || text.endsWith(closing)

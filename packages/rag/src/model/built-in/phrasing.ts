import { NO_ANSWER_MARKER } from '../../answer/citation-filter.ts'
import type { Quote } from './select-quotes.ts'

/** The answer as markdown: each quotation is followed by its marker. */
export function quotationAnswer(quotes: readonly Quote[], chinese: boolean): string {
  return quotes
    .map((quote, i) => {
      const source = `**${quote.document.replaceAll('*', '')}**`
      const lead = chinese
        ? `${i === 0 ? '根据' : '另见'}${source}${quote.page === null ? '' : `第 ${quote.page} 页`}：`
        : `${i === 0 ? 'According to' : 'See also'} ${source}${quote.page === null ? '' : `, page ${quote.page}`}: `
      return `${lead}${quoted(quote.text, chinese)} ${marker(quote)}`
    })
    .join('\n\n')
}

export function noAnswer(chinese: boolean): string {
  const sentence = chinese
    ? '在可检索的文档中没有找到这个问题的答案。'
    : 'I found nothing in the documents that answers this question.'
  return `${NO_ANSWER_MARKER} ${sentence}`
}

/** Text with signs of markdown or code stands in a code span, where they mean nothing. */
function quoted(text: string, chinese: boolean): string {
  const line = harmless(text.replace(/\s+/g, ' '))
  if (/[`*<>{}|\\~^]|(?:^|\s)[_#=]|\$|_(?:\s|$)/u.test(line)) {
    const fence = '`'.repeat(Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length)) + 1)
    const space = fence.length > 1 ? ' ' : ''
    return `${fence}${space}${line}${space}${fence}`
  }
  return chinese ? `“${line}”` : `“${line}”`
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
  new RegExp(`${closing}[\\]】]`, 'u').test(text) || text.endsWith(closing)

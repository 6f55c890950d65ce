import type { Conversation, Message } from '@quarry/contracts'
import { LOCALE, t } from '../../../i18n/translate.ts'
import { escaped } from './escaped.ts'
import { withNumbers } from './numbered-markers.ts'
import { onOneLine, referencesOf, type Reference } from './reference.ts'
import { shownMarkdown } from './shown-markdown.ts'

interface ExportOptions {
  /** Of the product, for links to the sources: `https://docs.example`. */
  readonly origin: string
  readonly now: Date
}

/** A conversation as a Markdown file: each question, its answer with `[1]`, and what the numbers stand for. */
export const conversationMarkdown = (
  conversation: Conversation,
  messages: readonly Message[],
  { origin, now }: ExportOptions,
): string => {
  const date = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'long', timeZone: 'UTC' }).format(now)
  const parts = [
    `# ${escaped(onOneLine(conversation.title))}`,
    t('export.from', { date, url: `<${origin}/chat/${conversation.id}>` }),
    ...messages.map((message) => (message.role === 'user' ? questionSection(message) : answerSection(message, origin))),
  ]
  return `${parts.join('\n\n')}\n`
}

const questionSection = ({ text }: Message): string =>
  `## ${t('export.question')}\n\n${text
    .trim()
    .split(/\r?\n/)
    .map((line) => `> ${escaped(line)}`.trimEnd())
    .join('\n')}`

const answerSection = (message: Message, origin: string): string => {
  const known = new Set(message.citations.map(({ marker }) => marker))
  const body = withNumbers(shownMarkdown(message.text), (marker) => known.has(marker)).trim()
  const references = referencesOf(message.citations, origin)
  return [
    `## ${t('export.answer')}`,
    ...(message.abstained ? [`_${t('chat.abstained.title')}._`] : []),
    ...(body === '' ? [] : [body]),
    ...endOf(message),
    ...(references.length === 0 ? [] : [`### ${t('export.sources')}`, references.map(listItem).join('\n')]),
  ].join('\n\n')
}

/** How an answer ended that is not simply complete. */
const endOf = ({ state, failure }: Message): string[] => {
  if (state === 'streaming') return [`_${t('export.streaming')}_`]
  if (state === 'stopped') return [`_${t('export.stopped')}_`]
  if (state === 'interrupted') return [`_${t('chat.interrupted')}_`]
  if (state === 'failed') return [`_${escaped(failure?.message ?? t('chat.failed'))}_`]
  return []
}

/** An ordered list begins with its first number and counts on; numbers of an answer have no gaps. */
const listItem = ({ marker, title, place, quote, verification, url }: Reference): string => {
  const where = place === '' ? '' : `, ${escaped(place)}`
  const indent = ' '.repeat(`${marker}. `.length)
  return `${marker}. [${escaped(title)}](${url})${where} (${verification})\n${indent}> ${escaped(quote)}`
}

/** Longest name that every file system takes, with room for the browser's " (1)". */
const NAME_CHARS = 80

/** The title as the name of a file on any system. */
export const exportFileName = (title: string): string => {
  const name = title
    .normalize('NFC')
    // Windows takes none of these, nor a dot or a blank at the end.
    .replaceAll(/[\p{Cc}<>:"/\\|?*]+/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .slice(0, NAME_CHARS)
    .toWellFormed()
    .replaceAll('\uFFFD', '')
    .replace(/[. ]+$/, '')
    .replace(/^\.+/, '')
  return `${name === '' || /^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(name) ? t('export.fileName') : name}.md`
}

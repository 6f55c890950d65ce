import { countWords } from '../chunk/units.ts'
import type { Piece } from '../parse/sections.ts'
import { COINED, coinedName, firstName } from './coined-names.ts'
import { sentence, type ProseLanguage, type Subject } from './prose.ts'
import type { Random } from './random.ts'
import {
  ASPECTS,
  DOCUMENT_KINDS,
  ENGLISH_DOMAINS,
  GERMAN_ASPECTS,
  GERMAN_DOMAINS,
  GERMAN_KINDS,
  type Domain,
} from './vocabulary.ts'

/** A document before it is read: what a reader of Markdown would make of `markdown`. */
export interface SeedText {
  readonly title: string
  readonly path: string
  readonly language: ProseLanguage
  readonly pieces: readonly Piece[]
  readonly markdown: string
}

/** A section of so many words is a passage of its own (packages/rag/src/chunk: SECTION_WORDS, MOST_WORDS). */
const SECTION_WORDS = 84
/** Every eighth document. */
const GERMAN_SHARE = 1 / 8
const PARAGRAPHS = 2

/**
 * Writes one document with as many sections, each of which becomes one passage.
 * @param names see Subject. @param number stands in its path, which must be one of its own in its collection.
 */
export function writeText(random: Random, sections: number, names: number, number: number): SeedText {
  const subject = subjectOf(random, names)
  const isEnglish = subject.language === 'english'
  const kind = random.pick(isEnglish ? DOCUMENT_KINDS : GERMAN_KINDS)
  const title = isEnglish
    ? `${subject.product} ${subject.nouns[0]} ${kind}, ${subject.place}`
    : `${kind} ${subject.product}, ${subject.place}`
  const pieces: Piece[] = [{ kind: 'heading', level: 1, text: title }]
  for (let section = 0; section < sections; section++) pieces.push(...writeSection(subject, random, section))
  const slug = title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/gu, '')
  return {
    title,
    path: `${subject.domain.name.toLowerCase()}/${slug}-${number}.md`,
    language: subject.language,
    pieces,
    markdown: `${pieces.map(({ level, text }) => (level === undefined ? text : `${'#'.repeat(level)} ${text}`)).join('\n\n')}\n`,
  }
}

function writeSection(subject: Subject, random: Random, section: number): Piece[] {
  const aspects = subject.language === 'english' ? ASPECTS : GERMAN_ASPECTS
  const aspect = aspects[(section + random.integer(3)) % aspects.length] ?? ''
  // The number makes each title another one; neighbours of one name would be joined.
  const heading = `${section + 1} ${aspect}`
  let words = countWords(heading)
  const sentences: string[] = []
  while (words < SECTION_WORDS || sentences.length < PARAGRAPHS) {
    const next = sentence(subject, random)
    sentences.push(next)
    words += countWords(next)
  }
  const half = Math.ceil(sentences.length / PARAGRAPHS)
  return [
    { kind: 'heading', level: 2, text: heading },
    { kind: 'paragraph', text: sentences.slice(0, half).join(' ') },
    { kind: 'paragraph', text: sentences.slice(half).join(' ') },
  ]
}

function subjectOf(random: Random, names: number): Subject {
  const language = random.next() < GERMAN_SHARE ? 'german' : 'english'
  const domains: readonly Domain[] = language === 'english' ? ENGLISH_DOMAINS : GERMAN_DOMAINS
  const domain = random.pick(domains)
  const coined = (kind: 'product' | 'place' | 'surname') => coinedName(kind, (names + random.rank(COINED)) % COINED)
  const first = random.integer(domain.nouns.length)
  return {
    language,
    domain,
    nouns: [...domain.nouns.slice(first), ...domain.nouns.slice(0, first)],
    product: coined('product'),
    place: coined('place'),
    person: `${firstName(random.integer(30))} ${coined('surname')}`,
    names,
  }
}

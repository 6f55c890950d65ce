import type { WordFrequency } from '../../retrieve/retrieve.ts'
import { isNumber, isUnspaced } from './words.ts'

/** What kind of thing the question asks for; null when its form does not tell. */
export type Expectation = 'number' | 'date' | 'person' | null

export interface Term {
  readonly word: string
  /** Importance from its rarity, about 0.1 to 1.8. */
  readonly weight: number
  /** A name or a number in the question: an answer without it is about something else. */
  readonly required: boolean
}

export interface Question {
  readonly text: string
  readonly terms: readonly Term[]
  readonly expects: Expectation
  /** The number must stand in digits: values, ports, prices. A count may be written out. */
  readonly inDigits: boolean
  /** It asks which section or exhibit, so a heading can be the answer. */
  readonly asksForTitle: boolean
  readonly chinese: boolean
}

/** Words that ask or introduce, and that a document's answer need not repeat. */
const FRAME = new Set(
  `give gives given show shows tell say says state stated mention mentioned describe explain use used mean means get need needs want find
   call called name named many much long often old far tall big large high deep wide fast kind type sort exactly currently actually
   please according document documents file files report page text value amount number total percent percentage share year date day time
   person people set sets listed list
   must may might can could should would does do did is are was were be been has have had take takes`.split(/\s+/),
)
const FRAME_WEIGHT = 0.35
/** Characters of Chinese questions and particles; a bigram with one of them says little. */
const CHINESE_FRAME = /[的了是在和有吗呢么哪谁几多少什怎为何请问个里中上下与或及被把从到用其这那要会能可以]/u
/** What asks, and is in no answer: which year, what time. */
const CHINESE_ASKING =
  /哪[一]?[年天月日个位种些里]?|什么(?:时候|时间|地方)?|何[时年处人]|多(?:少|久|长|高|大|远|重)|几[点个年天次]/gu
const NAME_WEIGHT = 1.4

/** @param words the index's statistics of the question's words; `searched`: the number of passages they are about. */
export function readQuestion(text: string, words: readonly WordFrequency[], searched: number): Question {
  const idf = (passages: number) => Math.log(1 + (searched - passages + 0.5) / (passages + 0.5))
  const highest = idf(0)
  const names = namesIn(text)
  const found = words.filter(({ passages }) => passages > 0)
  const bigrams = words.some(({ word }) => isUnspaced(word) && Array.from(word).length > 1)
  const said = text.normalize('NFKC').replace(CHINESE_ASKING, ' ')
  const terms: Term[] = []
  for (const { word, passages } of words) {
    const unspaced = isUnspaced(word)
    if (unspaced && ((bigrams && Array.from(word).length === 1) || CHINESE_FRAME.test(word) || !said.includes(word)))
      continue
    if (unspaced && passages === 0 && joinsWords(word, found)) continue
    if (!unspaced && !/[\p{L}\p{N}]/u.test(word)) continue
    const frame = FRAME.has(word)
    const required = !unspaced && !frame && (isNumber(word) || names.has(word))
    // Even a word that every passage has says a little about which sentence is meant.
    const rarity = 0.25 + (highest > 0 ? Math.max(0, idf(passages)) / highest : 0)
    terms.push({ word, weight: rarity * (frame ? FRAME_WEIGHT : required ? NAME_WEIGHT : 1), required })
  }
  return {
    text,
    terms,
    expects: expectationOf(text),
    inDigits: !COUNTS.test(text),
    asksForTitle: ASKS_FOR_TITLE.test(text),
    chinese: /\p{Script=Han}/u.test(text),
  }
}

/** A bigram that no document has, between two that documents have, is the end of one word and the start of the next. */
const joinsWords = (bigram: string, found: readonly WordFrequency[]): boolean => {
  const [first, second] = Array.from(bigram)
  const others = found.filter(({ word }) => Array.from(word).length > 1)
  return (
    others.some(({ word }) => Array.from(word).at(-1) === first) &&
    others.some(({ word }) => Array.from(word)[0] === second)
  )
}

/** Words that start with a capital (not the first one) or mix letters with digits or inner capitals, lower-cased. */
function namesIn(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [i, word] of (text.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}.,'’_/:-]*/gu) ?? []).entries()) {
    const bare = word.replace(/['’]s$|[.,:'’_-]+$/gu, '')
    const capital = /^\p{Lu}/u.test(bare) && i > 0
    // Identifiers: max_per_user, debian/control, T4-b
    const mixed = /[\p{L}\p{N}][_/:][\p{L}\p{N}]|\p{L}\p{N}|\p{N}\p{L}|\p{Ll}\p{Lu}|\p{Lu}{2}/u.test(bare)
    if (capital || mixed) names.add(bare.toLowerCase())
  }
  return names
}

const EXPECTED: readonly (readonly [Exclude<Expectation, null>, RegExp])[] = [
  [
    'date',
    /\bwhen\b|\b(?:what|which) (?:year|date|day|month|time)\b|\bsince when\b|何时|什么时候|哪一?年|哪天|几点|何年|\bwann\b/iu,
  ],
  [
    'number',
    /\bhow (?:many|much|long|old|far|tall|big|large|high|deep|wide|fast|heavy|often|soon|late|early)\b|\bcosts?\b|\b(?:what|which) (?:\S+[ -])?(?:value|number|percentage|percent|price|cost|amount|total|temperature|range|size|length|width|height|weight|age|capacity|rate|ratio|fee|salary|budget|port|version|limit|speed|distance|duration|score)\b|\bby how\b|多少|几[个年天次岁人种米]|多[长高大重远久]|\bwie ?viele?\b/iu,
  ],
  ['person', /^\W*who\b|\bwho (?:is|was|are|were|has|wrote|leads|signs)\b|\bwhose\b|谁|何人|\bwer\b/iu],
]

const COUNTS = /\bhow (?:many|much|long|often|old|far|soon)\b|\bcosts?\b|\bprice\b|多少|几/iu
const ASKS_FOR_TITLE =
  /\b(?:which|what) (?:section|chapter|exhibit|figure|table|appendix|annex|article|clause|paragraph|part|protocol)\b|哪[一]?[章节条]/iu

const expectationOf = (text: string): Expectation => EXPECTED.find(([, pattern]) => pattern.test(text))?.[0] ?? null

/** Few words of its own, or a pronoun for what was said: it continues the question before. */
export function isFollowUp(text: string): boolean {
  const words = text.toLowerCase().match(/\p{L}[\p{L}\p{M}\p{N}'’-]*/gu) ?? []
  if (/\p{Script=Han}/u.test(text)) return text.length <= 6 || /^(?:那|那么|它|他|她|这个)/u.test(text)
  if (/^\W*(?:and|what about|how about|or|but|why|und|also)\b/i.test(text)) return true
  if (/\b(?:it|its|they|them|their|that|this|those|these|he|his|she|her|there)\b/i.test(text) && words.length <= 9)
    return true
  return words.filter((word) => !FRAME.has(word) && word.length > 3).length <= 1
}

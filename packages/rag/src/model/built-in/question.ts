import type { WordFrequency } from '../../retrieve/retrieve.ts'
import { isEnglish, isFocus, isGerman, roleOf, unspacedWords, verbsIn } from './asking-words.ts'
import { expectationOf } from './expectation.ts'
import type { Expectation } from './expectation.ts'
import { isNumber, isUnspaced } from './words.ts'

export interface Term {
  readonly word: string
  /** Other forms of it in the passages, by the index's stems. */
  readonly forms: readonly string[]
  /** Importance from its rarity and its part of speech, about 0.1 to 1.8. */
  readonly weight: number
  /** A name or a number in the question: an answer without it is about something else. */
  readonly required: boolean
  /** Its value is what is asked for: which W value, Standards-Version 是多少. Names and identifiers only. */
  readonly sought: boolean
  /** A thing, no verb, that no document has. */
  readonly unknown: boolean
}

export interface Question {
  readonly text: string
  readonly terms: readonly Term[]
  readonly expects: Expectation
  /** It asks which section or exhibit, so a heading can be the answer. */
  readonly asksForTitle: boolean
  readonly chinese: boolean
  readonly english: boolean
  /** Passages in the collections searched. */
  readonly searched: number
}

const FRAME_WEIGHT = 0.3
const VERB_WEIGHT = 0.6
const NAME_WEIGHT = 1.4
const FOCUS_WEIGHT = 1.3

/**
 * @param words the index's statistics of the question's words; `searched`: the number of passages they are about.
 * @param last the question itself, where `text` also has the one before that it continues.
 */
export function readQuestion(
  text: string,
  words: readonly WordFrequency[],
  searched: number,
  last: string = text,
): Question {
  const idf = (passages: number) => Math.log(1 + (searched - passages + 0.5) / (passages + 0.5))
  const highest = idf(0)
  // Even a word that every passage has says a little about which sentence is meant.
  const rarity = (passages: number) => 0.25 + (highest > 0 ? Math.max(0, idf(passages)) / highest : 0)
  const german = isGerman(text)
  const names = namesIn(text, german)
  const verbs = german ? lowerCase(text) : verbsIn(text)
  const terms: Term[] = []
  for (const { word, passages, forms } of words) {
    const role = roleOf(word)
    if (isUnspaced(word) || role === 'asks' || !/[\p{L}\p{N}]/u.test(word)) continue
    const frame = role === 'frame'
    const required = !frame && (isNumber(word) || names.has(word))
    const part = frame ? FRAME_WEIGHT : required ? NAME_WEIGHT : verbs.has(word) ? VERB_WEIGHT : 1
    const focus = !frame && isFocus(last, word)
    terms.push({
      word,
      forms,
      weight: rarity(passages) * part * (focus ? FOCUS_WEIGHT : 1),
      required,
      sought: focus && required && !isNumber(word),
      unknown: passages === 0 && !frame && !verbs.has(word),
    })
  }
  const counts = new Map(words.map(({ word, passages }) => [word, passages]))
  for (const word of new Set(unspacedWords(text.normalize('NFKC')))) {
    const role = roleOf(word)
    if (role === 'asks') continue
    const part = role === 'frame' ? FRAME_WEIGHT : 1
    const rare = rarest(word, counts)
    terms.push({
      word,
      forms: [],
      weight: rarity(rare) * part * (isFocus(last, word) ? FOCUS_WEIGHT : 1),
      required: false,
      sought: false,
      unknown: rare === 0 && role === 'content',
    })
  }
  return {
    text,
    terms,
    expects: expectationOf(last),
    asksForTitle: ASKS_FOR_TITLE.test(last),
    chinese: /\p{Script=Han}/u.test(text) && !/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text),
    english: isEnglish(text),
    searched,
  }
}

/** The index knows pairs of characters: a word is as rare as its rarest pair. */
function rarest(word: string, counts: ReadonlyMap<string, number>): number {
  const characters = Array.from(word)
  const pairs = characters.length === 1 ? characters : characters.slice(1).map((next, i) => `${characters[i]}${next}`)
  return Math.min(...pairs.map((pair) => counts.get(pair) ?? 0))
}

const lowerCase = (text: string): ReadonlySet<string> => new Set(text.match(/(?<![\p{L}\p{N}-])\p{Ll}[\p{L}\p{M}]+/gu))

/** Words that start with a capital (not the first one) or mix letters with digits or inner capitals, lower-cased. */
function namesIn(text: string, german: boolean): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [i, word] of (text.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}.,'’_/:-]*/gu) ?? []).entries()) {
    const bare = word.replace(/['’]s$|[.,:'’_-]+$/gu, '')
    const capital = /^\p{Lu}/u.test(bare) && i > 0 && !german
    // Identifiers: max_per_user, debian/control, T4-b
    const mixed = /[\p{L}\p{N}][_/:][\p{L}\p{N}]|\p{L}\p{N}|\p{N}\p{L}|\p{Ll}\p{Lu}|\p{Lu}{2}/u.test(bare)
    if (capital || mixed) names.add(bare.toLowerCase())
  }
  return names
}

const ASKS_FOR_TITLE =
  /\b(?:which|what) (?:section|chapter|exhibit|figure|table|appendix|annex|article|clause|paragraph|part|protocol)\b|哪[一]?[章节条]/iu

/** Few words of its own, or a pronoun for what was said: it continues the question before. */
export function isFollowUp(text: string): boolean {
  const words = text.toLowerCase().match(/\p{L}[\p{L}\p{M}\p{N}'’-]*/gu) ?? []
  if (/\p{Script=Han}/u.test(text)) return text.length <= 6 || /^(?:那|那么|它|他|她|这个)/u.test(text)
  if (/^\W*(?:and|what about|how about|or|but|why|und|also)\b/i.test(text)) return true
  if (/\b(?:it|its|they|them|their|that|this|those|these|he|his|she|her|there)\b/i.test(text) && words.length <= 9)
    return true
  return words.filter((word) => roleOf(word) === 'content' && word.length > 3).length <= 1
}

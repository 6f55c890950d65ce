import { francAll } from 'franc'

/**
 * ISO 639-3 code → text search configuration, for the configurations that PostgreSQL 15 and PGlite both have
 * (PostgreSQL 15 documentation, table 12.x and `pg_ts_config`; Estonian came with 18).
 */
const CONFIGURATION_OF_CODE: Readonly<Record<string, Language>> = {
  arb: 'arabic',
  cat: 'catalan',
  dan: 'danish',
  nld: 'dutch',
  eng: 'english',
  fin: 'finnish',
  fra: 'french',
  deu: 'german',
  ell: 'greek',
  hin: 'hindi',
  hun: 'hungarian',
  hye: 'armenian',
  ind: 'indonesian',
  ita: 'italian',
  lit: 'lithuanian',
  npi: 'nepali',
  nob: 'norwegian',
  nno: 'norwegian',
  por: 'portuguese',
  ron: 'romanian',
  rus: 'russian',
  srp: 'serbian',
  spa: 'spanish',
  swe: 'swedish',
  tam: 'tamil',
  tur: 'turkish',
  ydd: 'yiddish',
}

const STEMMED = [
  'arabic',
  'armenian',
  'catalan',
  'danish',
  'dutch',
  'english',
  'finnish',
  'french',
  'german',
  'greek',
  'hindi',
  'hungarian',
  'indonesian',
  'italian',
  'lithuanian',
  'nepali',
  'norwegian',
  'portuguese',
  'romanian',
  'russian',
  'serbian',
  'spanish',
  'swedish',
  'tamil',
  'turkish',
  'yiddish',
] as const
const UNSEGMENTED = ['chinese', 'japanese', 'korean', 'thai', 'lao', 'khmer', 'burmese'] as const

/** What `chunk.language` and `collection_stat.language` hold: a text search configuration, or a language that is cut into bigrams, or `simple`. */
export type Language = (typeof STEMMED)[number] | (typeof UNSEGMENTED)[number] | 'simple'
/** A `regconfig` that exists on every supported database. */
export type Configuration = (typeof STEMMED)[number] | 'simple'

const stemmed: ReadonlySet<string> = new Set(STEMMED)
const unsegmented: ReadonlySet<string> = new Set(UNSEGMENTED)

export const isLanguage = (name: string): name is Language =>
  name === 'simple' || stemmed.has(name) || unsegmented.has(name)

/**
 * The text search configuration for the words of a language. Text in an unsegmented script becomes bigrams, so what is
 * left of it there is mostly names and numbers in Latin letters: English stems them no worse than `simple`, and a
 * question in English then finds them.
 */
export const configurationOf = (language: Language): Configuration =>
  isStemmed(language) ? language : language === 'simple' ? 'simple' : 'english'

const isStemmed = (language: Language): language is (typeof STEMMED)[number] => stemmed.has(language)

/** `configurationOf` of every language, for SQL. */
export const CONFIGURATIONS: Readonly<Record<string, Configuration>> = Object.fromEntries(
  [...STEMMED, ...UNSEGMENTED, 'simple' as const].map((language) => [language, configurationOf(language)]),
)

/** Scripts that name their language at once. Kana comes before Han: Japanese is written with both. */
const SCRIPTS: readonly (readonly [Language, RegExp])[] = [
  ['japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['chinese', /\p{Script=Han}/gu],
  ['korean', /\p{Script=Hangul}/gu],
  ['thai', /\p{Script=Thai}/gu],
  ['lao', /\p{Script=Lao}/gu],
  ['khmer', /\p{Script=Khmer}/gu],
  ['burmese', /\p{Script=Myanmar}/gu],
]

/** One ideograph says about as much as three letters, so a page of Chinese with English names in it is still Chinese. */
const LETTERS_PER_IDEOGRAPH = 3
/** Trigram statistics of fewer letters than this guess more than they know. */
const ENOUGH_LETTERS = 80
/** franc itself reads no more than 2,048 characters. */
const SAMPLE = 2000

/**
 * The language of a text, by script first (over all of it), then by trigrams. Too little text, or a language without a stemmer, gives
 * `simple`, except that plain ASCII gives `english`: its stemmer does no harm to names and numbers.
 */
export function detectLanguage(text: string): Language {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  if (letters === 0) return 'simple'
  const counts = new Map(SCRIPTS.map(([language, pattern]) => [language, text.match(pattern)?.length ?? 0]))
  const ideographs = [...counts.values()].reduce((sum, n) => sum + n, 0)
  if (ideographs * LETTERS_PER_IDEOGRAPH > letters - ideographs) {
    // A few kana are enough: Japanese never does without, Chinese has none but in quotations.
    const kana = counts.get('japanese') ?? 0
    if (kana > 0 && kana * 10 >= (counts.get('chinese') ?? 0)) return 'japanese'
    return [...counts]
      .filter(([language]) => language !== 'japanese')
      .reduce((best, next) => (next[1] > best[1] ? next : best))[0]
  }
  if (letters < ENOUGH_LETTERS) return /[^\p{ASCII}\p{P}\p{S}\p{Z}]/u.test(text) ? 'simple' : 'english'
  const sample = sampleOf(text)
  // Trigrams take names, tables and code for anything (Scots, Catalan); these words are English alone.
  if (looksEnglish(sample)) return 'english'
  const best = francAll(sample, { minLength: 10 })[0]
  return (best === undefined ? undefined : CONFIGURATION_OF_CODE[best[0]]) ?? 'simple'
}

/** Frequent words of English that no other language with a stemmer has. They are a seventh of English prose. */
const ENGLISH_WORDS = /\b(?:the|and|to|that|with|this|are|which|from|have|it)\b/giu
export const looksEnglish = (text: string): boolean =>
  (text.match(ENGLISH_WORDS)?.length ?? 0) * 14 >= (text.match(/\p{L}+/gu)?.length ?? 1)

/** From the middle as well as the start: first pages are titles, addresses and licences. */
function sampleOf(text: string): string {
  if (text.length <= SAMPLE) return text
  const piece = SAMPLE / 4
  return [0, 0.3, 0.55, 0.8]
    .map((at) => text.slice(Math.floor(text.length * at), Math.floor(text.length * at) + piece))
    .join(' ')
    .toWellFormed()
}

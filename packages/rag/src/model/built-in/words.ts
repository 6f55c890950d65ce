const UNSPACED_RUN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/u
const WORD = /[\p{L}\p{M}\p{N}]+(?:[.,'’_-][\p{L}\p{M}\p{N}]+)*/gu

/** Scripts without spaces are compared as text, not as words. */
export const isUnspaced = (word: string): boolean => UNSPACED_RUN.test(word)

export const isNumber = (word: string): boolean => /^\p{N}/u.test(word)

/** English endings, longest first; a stem keeps at least three letters. The index has a better stemmer, but it is in SQL. */
const ENDINGS = [
  'ations',
  'ation',
  'ments',
  'ment',
  'ingly',
  'ings',
  'ing',
  'edly',
  'ies',
  'ied',
  'ied',
  'ion',
  'es',
  'ed',
  'ly',
  's',
  'y',
  'e',
]

/** A form that inflections of a word share; numbers lose their thousands separators. */
export function stem(word: string): string {
  const plain = word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’]s?$/u, '')
  if (isNumber(plain)) return plain.replace(/,(?=\p{N}{3}(?!\p{N}))/gu, '')
  const ending = ENDINGS.find((candidate) => plain.endsWith(candidate) && plain.length - candidate.length >= 3)
  if (ending === undefined || plain.endsWith('ss')) return plain
  const cut = plain.slice(0, -ending.length)
  // planned → plan, shipping → ship
  return /([bdfgmnprt])\1$/.test(cut) && cut.length > 3 ? cut.slice(0, -1) : cut
}

/** The stems of a text: of its words, and of the parts of words with hyphens and the like. */
export function stemsOf(text: string): ReadonlySet<string> {
  const stems = new Set<string>()
  for (const [word] of text.matchAll(WORD)) {
    stems.add(stem(word))
    const parts = word.split(/[.'’_-]/u)
    if (parts.length > 1) for (const part of parts) stems.add(stem(part))
  }
  for (const acronym of acronymsIn(text)) stems.add(acronym)
  return stems
}

/** Initials of two to five capitalised words in a row: Internal Revenue Manual → irm. */
function acronymsIn(text: string): string[] {
  const acronyms: string[] = []
  for (const [run] of text.matchAll(
    /\p{Lu}[\p{L}\p{M}’'-]+(?:\s+(?:(?:of|the|for|and|de)\s+)?\p{Lu}[\p{L}\p{M}’'-]+)+/gu,
  )) {
    const initials = (run.match(/(?<![\p{L}\p{M}’'-])\p{Lu}/gu) ?? []).join('').toLowerCase()
    for (let from = 0; from < initials.length; from++) {
      for (let length = 2; length <= 5 && from + length <= initials.length; length++)
        acronyms.push(initials.slice(from, from + length))
    }
  }
  return acronyms
}

/** A text prepared for `creditOf`. */
export interface Words {
  readonly stems: ReadonlySet<string>
  /** Lower case, each once. */
  readonly tokens: readonly string[]
  readonly text: string
}

export function wordsOf(text: string): Words {
  const lower = text.normalize('NFKC').toLowerCase()
  return { stems: stemsOf(text), tokens: [...new Set(lower.match(WORD))], text: lower }
}

/** What a relation between the question's word and the text's is worth: less where it joins what may differ. */
const CREDIT = { synonym: 0.9, compound: 0.85, derived: 0.75 } as const
/** Shorter beginnings are shared by chance. */
const SHARED_LETTERS = 5
const SHARED_PART = 0.6

/**
 * How far the text has the word, 0 to 1: in any inflection (by the index's stems where it gave `forms`), all parts of a
 * compound, a synonym, a compound with it, or a word derived from it (produce, production). Words without spaces count
 * by their pairs of characters.
 */
export function creditOf(words: Words, word: string, forms: readonly string[] = []): number {
  if (isUnspaced(word)) return creditOfCharacters(words.text, word)
  const wanted = stem(word)
  if (words.stems.has(wanted) || forms.some((form) => words.tokens.includes(form))) return 1
  const parts = word.split(/[-_/’'+]/u).filter((part) => part !== '')
  if (parts.length > 1 && parts.every((part) => words.stems.has(stem(part)))) return 1
  if ((SYNONYMS.get(wanted) ?? []).some((synonym) => words.stems.has(synonym))) return CREDIT.synonym
  // Standards-Version is a thing of its own: any other version is no form of it.
  if (isNumber(word) || wanted.length < SHARED_LETTERS || parts.length > 1) return 0
  if (words.tokens.some((token) => isCompound(token, wanted, word))) return CREDIT.compound
  return words.tokens.some((token) => derives(token, wanted)) ? CREDIT.derived : 0
}

/** Either is a compound with the other: Batterielaufzeit and Batterie, Tierstamm and Stamm. */
const isCompound = (token: string, wanted: string, word: string): boolean =>
  token.length > word.length
    ? token.length > word.length + 2 && (token.startsWith(wanted) || token.endsWith(word))
    : token.length >= SHARED_LETTERS && word.length > token.length + 2 && word.endsWith(token)

function derives(token: string, wanted: string): boolean {
  let shared = 0
  while (shared < wanted.length && shared < token.length && token[shared] === wanted[shared]) shared++
  return shared >= SHARED_LETTERS && shared >= Math.max(token.length, wanted.length) * SHARED_PART
}

function creditOfCharacters(text: string, word: string): number {
  if (text.includes(word)) return 1
  const characters = Array.from(word)
  if (characters.length < 3) return 0
  const pairs = characters.slice(1).map((next, i) => `${characters[i]}${next}`)
  const share = pairs.filter((pair) => text.includes(pair)).length / pairs.length
  return share >= 0.5 ? share * CREDIT.derived : 0
}

/** As `creditOf`, where names are shortened: "intro" in a file's name is the introduction. */
export function creditShortened(words: Words, word: string, forms: readonly string[]): number {
  const credit = creditOf(words, word, forms)
  const wanted = stem(word)
  if (credit > 0 || wanted.length < SHORTENED_LETTERS) return credit
  const shortened = [...words.stems].some(
    (own) => own.length >= SHORTENED_LETTERS && (wanted.startsWith(own) || own.startsWith(wanted)),
  )
  return shortened ? 1 : 0
}
const SHORTENED_LETTERS = 4

/** Words that questions and documents use for the same thing. Few, since each one may also join what differs. */
const GROUPS = [
  ['cost', 'price', 'fee', 'charge', 'pay'],
  ['start', 'begin', 'began', 'open', 'commence'],
  ['end', 'finish', 'close', 'expire'],
  ['found', 'founded', 'establish', 'establishment'],
  ['buy', 'purchase', 'bought', 'acquire'],
  ['maximum', 'most', 'limit', 'longest', 'highest', 'exceed'],
  ['minimum', 'least', 'lowest', 'shortest'],
  ['build', 'built', 'construct', 'construction'],
  ['keep', 'kept', 'store', 'retain', 'storage'],
  ['head', 'lead', 'led', 'leader', 'manager', 'director', 'chair'],
  ['weigh', 'weight'],
  ['send', 'sent', 'submit', 'mail'],
  ['write', 'wrote', 'written', 'author'],
  ['allow', 'may', 'permit', 'permission'],
  ['worker', 'employee', 'staff'],
  ['annual', 'yearly', 'year'],
  ['own', 'owner', 'belong'],
  ['broken', 'fault', 'fail', 'failure', 'defect'],
] as const

const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map(
  GROUPS.flatMap((group) => {
    const stems = group.map(stem)
    return stems.map((own) => [own, stems.filter((other) => other !== own)] as const)
  }),
)

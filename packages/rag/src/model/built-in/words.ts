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

/** A text prepared for `contains`. */
export interface Words {
  readonly stems: ReadonlySet<string>
  readonly text: string
}

export const wordsOf = (text: string): Words => ({ stems: stemsOf(text), text: text.normalize('NFKC').toLowerCase() })

/** Whether the text has the word, in any inflection, one of its synonyms, or all parts of a compound. */
export function contains(words: Words, word: string): boolean {
  if (isUnspaced(word)) return words.text.includes(word)
  if (words.stems.has(stem(word))) return true
  const parts = word.split(/[-_/’']/u).filter((part) => part !== '')
  if (parts.length > 1 && parts.every((part) => words.stems.has(stem(part)))) return true
  return (SYNONYMS.get(stem(word)) ?? []).some((synonym) => words.stems.has(synonym))
}

/** As `contains`, where names are shortened: "intro" in a file's name is the introduction. */
export function containsShortened(words: Words, word: string): boolean {
  if (contains(words, word)) return true
  const wanted = stem(word)
  return [...words.stems].some(
    (own) => own.length >= 4 && wanted.length >= 4 && (wanted.startsWith(own) || own.startsWith(wanted)),
  )
}

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

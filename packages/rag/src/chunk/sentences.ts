import type { Span } from '@quarry/contracts'
import type { Language } from '../analyse/language.ts'

/** ICU's rules for sentences hardly differ by locale; these are the ones that do, and the scripts without spaces. */
const LOCALES: Partial<Record<Language, string>> = {
  greek: 'el',
  chinese: 'zh',
  japanese: 'ja',
  thai: 'th',
  lao: 'lo',
  khmer: 'km',
  burmese: 'my',
  armenian: 'hy',
  hindi: 'hi',
}

const segmenters = new Map<string, Intl.Segmenter>()
function segmenterFor(language: Language): Intl.Segmenter {
  const locale = LOCALES[language] ?? 'en'
  const known = segmenters.get(locale)
  if (known !== undefined) return known
  const made = new Intl.Segmenter(locale, { granularity: 'sentence' })
  segmenters.set(locale, made)
  return made
}

/** Ends that are no end of a sentence: ICU knows none of them. Single capitals are initials (J. Smith). */
const ABBREVIATION =
  /(?:^|[\s([{"'“‘])(?:\p{Lu}|e\.g|i\.e|cf|vs|etc|al|ca|approx|resp|Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|Inc|Ltd|Co|Corp|No|Nos|Nr|Fig|Figs|Eq|Eqs|Ref|Refs|Sec|Sect|Ch|Chap|Vol|pp?|Art|Abs|Bd|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|bzw|z\.B|d\.h|u\.a|vgl|S)\.$/u

/** German writes ordinals with a full stop and nouns with a capital, which together look like the end of a sentence. */
const ORDINAL = /(?:^|[\s(–-])\d{1,3}\.$/u
/** After a number and a full stop these go on: months, and what is counted in ordinals. Any other word may start anew. */
const COUNTED =
  /^\s*(?:Jan(?:uar|\.)|Jänner|Feb(?:ruar|\.)|März|Apr(?:il|\.)|Mai|Juni|Juli|Aug(?:ust|\.)|Sept?(?:ember|\.)|Okt(?:ober|\.)|Nov(?:ember|\.)|Dez(?:ember|\.)|Jahrhunderts?|Jahrtausends?|Lebensjahr(?:es)?|Geburtstag|Quartals?|Halbjahr(?:es)?|Kalenderwoche|Tag(?:es)?|Woche|Monats?|Kapitels?|Abschnitts?|Absatz(?:es)?|Artikels?|Auflage|Ausgabe|Klasse|Platz|Rang|Mal|Stock|Etage|Sitzung|Änderung|Nachtrag|Senat|Kammer|Instanz|Stufe|Semesters?|Weltkrieg(?:s|es)?)(?![\p{L}\p{N}])/u

/**
 * The sentences of a text as half-open UTF-16 spans, in order, without the space around them. A blank line always ends
 * one, a single line break does not, unless a list item, a table row or a heading follows (then a line is a unit).
 */
export function sentencesOf(text: string, language: Language): Span[] {
  const spans: Span[] = []
  for (const unit of unitsOf(text)) {
    let open: Span | null = null
    // ICU ends a sentence at every line break; as a space of the same length it ends none.
    const line = text.slice(unit.start, unit.end).replace(/[\n\r\u2028\u2029]/gu, ' ')
    for (const { segment, index } of segmenterFor(language).segment(line)) {
      const start: number = open?.start ?? unit.start + index
      const span = trimmed(text, start, unit.start + index + segment.length)
      if (span === null) continue
      const end = text.slice(Math.max(span.start, span.end - 12), span.end)
      if (
        (ABBREVIATION.test(end) || isOrdinal(end, text.slice(span.end, span.end + 24), language)) &&
        span.end < unit.end
      ) {
        open = span
        continue
      }
      open = null
      spans.push(span)
    }
    if (open !== null) spans.push(open)
  }
  return spans
}

const isOrdinal = (end: string, next: string, language: Language) =>
  language === 'german' && ORDINAL.test(end) && COUNTED.test(next)

/** A row or an item is quoted as a whole: cells in columns, bullets and numbers at the start of a line. */
const OWN_LINE = /^[ \t]*(?:[-*+•‣◦▪●–—·][ \t]|\(?(?:\d{1,3}|[a-z])[.)][ \t]|\|)|\S(?: {2,}|\t)\S/u

function unitsOf(text: string): Span[] {
  const units: Span[] = []
  let start = 0
  let position = 0
  let previousOwn = false
  const close = (end: number) => {
    if (end > start) units.push({ start, end })
    start = end
  }
  for (const line of text.split('\n')) {
    const end = Math.min(text.length, position + line.length + 1)
    const blank = line.trim() === ''
    const own = !blank && OWN_LINE.test(line)
    // A table's row ends with its line; a list item may run on over several.
    if (blank || own || (previousOwn && isRow(text.slice(start, position)))) close(position)
    previousOwn = own
    position = end
  }
  close(text.length)
  return units
}

const isRow = (text: string) => /\S(?: {2,}|\t)\S|^\s*\|/u.test(text)

/** Null when there is only space. */
export function trimmed(text: string, start: number, end: number): Span | null {
  let from = start
  let to = end
  while (from < to && /\s/u.test(text.charAt(from))) from++
  while (to > from && /\s/u.test(text.charAt(to - 1))) to--
  return from === to ? null : { start: from, end: to }
}

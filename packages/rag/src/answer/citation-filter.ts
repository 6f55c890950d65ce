/** What one marker of the model points at: a passage label and, where the model gave them, the exact words. */
export interface PassageReference {
  readonly label: string
  readonly quote: string | null
}

export type AnswerSegment =
  | { readonly type: 'text'; readonly text: string }
  /** `lead`: blanks in front of the marker; they go when the marker resolves to nothing. `claim`: the text before it. */
  | {
      readonly type: 'marker'
      readonly lead: string
      readonly references: readonly PassageReference[]
      readonly claim: string
    }
  /** The model said that the documents do not answer the question. */
  | { readonly type: 'no-answer'; readonly lead: string }

/** Written by a model at the start of a reply that says "not in the documents". Never shown. */
export const NO_ANSWER_MARKER = '[no-answer]'

/** Longer than any quote worth quoting (a page has ~3,000 characters); bounds what an unclosed bracket holds back. */
const MARKER_MAX_CHARS = 800
/** Enough for the sentence in front of a marker. */
const CLAIM_MAX_CHARS = 600

const OPENING = /^[[【]\s*[pP](\d{1,4})(?!\w)/
const FORGED = /^\[\^[^\]\n]{1,20}\]/
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  '“': '”',
  '„': '“',
  '«': '»',
  '「': '」',
  "'": "'",
  '‘': '’',
}

type Scan = { readonly length: number; readonly segment: AnswerSegment | null } | 'partial' | 'none'

/**
 * Turns the model's `[p3]`, `[p3, p4]` and `[p3 "words"]` into marker segments, and lets all other text through.
 * Markers may be split at any point between deltas: the segments' content does not depend on where. A `[^n]` written by
 * the model is dropped, since only the server numbers citations.
 */
export class CitationFilter {
  #buffer = ''
  #visible = ''

  push(delta: string): AnswerSegment[] {
    this.#buffer += delta
    return this.#drain(false)
  }

  /** The rest. A marker that was cut off is dropped. */
  end(): AnswerSegment[] {
    return this.#drain(true)
  }

  #drain(ended: boolean): AnswerSegment[] {
    const segments: AnswerSegment[] = []
    const show = (text: string) => {
      if (text === '') return
      this.#visible = (this.#visible + text).slice(-CLAIM_MAX_CHARS)
      segments.push({ type: 'text', text })
    }
    while (this.#buffer !== '') {
      const at = this.#buffer.search(/[ \t]*[[【]/)
      if (at === -1) {
        const held = ended ? this.#buffer.length : this.#buffer.search(/[ \t]*$/)
        show(this.#buffer.slice(0, held))
        this.#buffer = this.#buffer.slice(held)
        break
      }
      show(this.#buffer.slice(0, at))
      const bracket = this.#buffer.slice(at).search(/[[【]/)
      const lead = this.#buffer.slice(at, at + bracket)
      this.#buffer = this.#buffer.slice(at)
      const rest = this.#buffer.slice(bracket)
      const scan = scanMarker(rest, lead, this.#visible, ended)
      if (scan === 'partial') break
      if (scan === 'none') {
        show(lead + rest.slice(0, 1))
        this.#buffer = rest.slice(1)
        continue
      }
      if (scan.segment) segments.push(scan.segment)
      this.#buffer = rest.slice(scan.length)
    }
    return segments
  }
}

/** `text` starts with a bracket. `partial` is only answered while more text can still decide. */
function scanMarker(text: string, lead: string, claim: string, ended: boolean): Scan {
  if (text.startsWith(NO_ANSWER_MARKER)) {
    return { length: NO_ANSWER_MARKER.length, segment: { type: 'no-answer', lead } }
  }
  const forged = FORGED.exec(text)
  if (forged) return { length: forged[0].length, segment: null }
  if (!OPENING.test(text)) return couldBecomeMarker(text) && !ended ? 'partial' : 'none'
  if (!ended && /^[[【]\s*[pP]\d{1,4}$/.test(text)) return 'partial'
  const window = text.slice(0, MARKER_MAX_CHARS)
  const closings = [...window.matchAll(/[\]】]/g)].map((match) => match.index)
  for (const closing of closings) {
    const references = parseReferences(window.slice(1, closing), false)
    if (references) return { length: closing + 1, segment: { type: 'marker', lead, references, claim } }
  }
  if (!ended && text.length < MARKER_MAX_CHARS) return 'partial'
  const [closing] = closings
  if (closing !== undefined) {
    const references = parseReferences(window.slice(1, closing), true) ?? []
    return { length: closing + 1, segment: { type: 'marker', lead, references, claim } }
  }
  return ended && text.length < MARKER_MAX_CHARS ? { length: text.length, segment: null } : 'none'
}

function couldBecomeMarker(text: string): boolean {
  return (
    NO_ANSWER_MARKER.startsWith(text) || /^[[【]\s{0,20}([pP]\d{0,4})?$/.test(text) || /^\[\^[^\]\n]{0,20}$/.test(text)
  )
}

/** The references between the brackets; null when a quotation mark is still open there (unless `loose`). */
function parseReferences(body: string, loose: boolean): PassageReference[] | null {
  const references: PassageReference[] = []
  for (const part of body.split(/[,;、，]\s*(?=[pP]\d{1,4}(?!\w))/)) {
    const match = /^\s*[pP](\d{1,4})(?!\w)[\s:,]*([\s\S]*?)\s*$/.exec(part)
    if (!match) return loose ? references : null
    const words = match[2] ?? ''
    const closing = QUOTES[words.slice(0, 1)]
    const quoted = closing !== undefined
    if (quoted && !loose && !(words.length > 1 && words.endsWith(closing))) return null
    const quote = (quoted ? words.slice(1, words.endsWith(closing) ? -1 : undefined) : words).trim()
    references.push({ label: `p${Number(match[1])}`, quote: quote === '' ? null : quote })
  }
  return references
}

import { createHash } from 'node:crypto'
import type { Language } from '../analyse/language.ts'
import { sentencesOf } from '../chunk/sentences.ts'
import { countWords, sized } from '../chunk/units.ts'
import type { WindowPolicy } from './embedding-model.ts'

/** The part of a passage that one vector stands for. */
export interface EmbeddingWindow {
  /** 0, 1, 2 … */
  readonly ordinal: number
  /** What the model is given: titles, then sentences, with single spaces. */
  readonly text: string
  /** SHA-256 of `text`, lower-case hex. */
  readonly hash: string
}

/** Titles take no more than a quarter of a window: the rest is what it is about. */
const SHARE_OF_TITLES = 0.25

/**
 * Cuts a passage into windows at the ends of sentences; only a sentence that is longer than a window is cut itself. The
 * titles that it stands under, innermost first as far as there is room, lead every window, unless they are in its text.
 */
export function windowsOf(
  text: string,
  headingPath: readonly string[],
  language: Language,
  policy: WindowPolicy,
): EmbeddingWindow[] {
  const titles = titlesFor(text, headingPath, policy.words * SHARE_OF_TITLES)
  const most = policy.words - countWords(titles)
  const windows: string[] = []
  let open = ''
  let words = 0
  for (const sentence of sentencesOf(text, language)) {
    for (const unit of sized(text, sentence, most)) {
      if (open !== '' && words + unit.words > most) {
        windows.push(open)
        open = ''
        words = 0
      }
      open = open === '' ? text.slice(unit.start, unit.end) : `${open} ${text.slice(unit.start, unit.end)}`
      words += unit.words
    }
  }
  if (open !== '') windows.push(open)
  return windows
    .map((window) => flat(titles === '' ? window : `${titles}. ${window}`))
    .filter((window) => /[\p{L}\p{N}]/u.test(window))
    .map((window, ordinal) => ({
      ordinal,
      text: window,
      hash: createHash('sha256').update(window).digest('hex'),
    }))
}

function titlesFor(text: string, headingPath: readonly string[], most: number): string {
  const chosen: string[] = []
  let words = 0
  for (const title of headingPath.toReversed()) {
    const own = flat(title)
    const count = countWords(own)
    if (own === '' || flat(text.slice(0, own.length * 2 + 20)).includes(own)) continue
    if (words + count > most) break
    chosen.unshift(own)
    words += count
  }
  return chosen.join('. ')
}

const flat = (text: string) => text.toWellFormed().replaceAll('\0', ' ').replace(/\s+/gu, ' ').trim()

import type { Engine, Reading } from './engine.ts'
import { enlarged, toPgm } from './grey-picture.ts'
import type { SeenLine, SeenPage, SeenWord, Turns } from './recognition.ts'

/** Lines under this, without one sure word, are stains, rules and texture. In others a doubtful word is mostly right. */
const LEAST_CONFIDENCE = 40
/** A picture without a single word above this shows no text: Tesseract sees something in every photograph. */
const CONVINCING = 60
/** Text read upright is above this; sideways or upside down it is far below. */
const UPRIGHT = 60
/** Clean letters of enough pixels are read above this; small ones gain by being enlarged. */
const SHARP = 92
/** An image with fewer pixels than a page at 150 dpi has letters of a screen's size, 10 to 14 pixels. */
const SMALL_PIXELS = 2_200_000
/** Of 10 to 14 pixel letters in six images, twice as large read all lines but one right; as they are, half of them. */
const ENLARGEMENT = 2

/** Two readings of the same words differ by a few points. Vertical Japanese, which is upright, loses far more by a turn. */
const AS_SURE = 10

interface Attempt {
  readonly turns: Turns
  readonly enlargement: number
  readonly lines: readonly SeenLine[]
  readonly slope: number
  readonly confidence: number
  /** Letters read, each by how sure: what two attempts are compared by. */
  readonly score: number
}

export interface Picture {
  /** In a format of Leptonica's. */
  readonly file: Uint8Array
  /** Of the engine's picture, as stored: before any turn. */
  readonly pixels: number
  /** How it must be turned to be seen as people see it. */
  readonly turns: Turns
  readonly dotsPerInch?: number
}

/** Reads a picture; a small one also enlarged, and one in which hardly anything can be read also turned. */
export function readPicture(
  engine: Engine,
  picture: Picture,
): Pick<SeenPage, 'lines' | 'turns' | 'slope' | 'confidence'> & { enlargement: number } {
  const attempt = (file: Uint8Array, more: Turns, enlargement: number): Attempt => {
    const turns = ((picture.turns + more) % 4) as Turns
    const { dotsPerInch } = picture
    return scored(
      engine.read(
        file,
        enlargement === 1 ? { turns, ...(dotsPerInch === undefined ? {} : { dotsPerInch }) } : { turns: more },
      ),
      more,
      enlargement,
    )
  }
  let best = attempt(picture.file, 0, 1)
  const better = (next: Attempt) => {
    if (next.score > best.score) best = next
  }
  let { file } = picture
  if (picture.dotsPerInch === undefined && picture.pixels <= SMALL_PIXELS && best.confidence < SHARP) {
    const grey = engine.lastPicture()
    if (grey !== null) {
      // The engine keeps its picture upright already.
      file = toPgm(enlarged(grey, ENLARGEMENT))
      better(attempt(file, 0, ENLARGEMENT))
    }
  }
  const enlargement = file === picture.file ? 1 : ENLARGEMENT
  if (best.confidence < UPRIGHT) {
    for (const more of [1, 3, 2] as const) {
      better(attempt(file, more, enlargement))
      if (best.confidence >= UPRIGHT) break
    }
  }
  // Tesseract reads lines that run down, word by word: turned, their order is right as well.
  const lying = turnsToUpright(best.lines)
  if (lying !== 0) {
    const upright = attempt(file, ((best.turns + lying) % 4) as Turns, enlargement)
    if (upright.confidence > best.confidence - AS_SURE) best = upright
  }
  return { ...best, lines: best.lines.some((line) => line.words.some(convinces)) ? best.lines : [] }
}

const convinces = (word: SeenWord) => word.confidence >= CONVINCING && /[\p{L}\p{N}]{2}/u.test(word.text)

/** By where the words of a line follow each other: to the right, and nothing is to be turned; or down, left or up. */
function turnsToUpright(lines: readonly SeenLine[]): Turns {
  let right = 0
  let down = 0
  for (const { words } of lines) {
    const [first, last] = [words[0], words.at(-1)]
    if (first === undefined || last === undefined || first === last) continue
    right += last.x0 + last.x1 - first.x0 - first.x1
    down += last.y0 + last.y1 - first.y0 - first.y1
  }
  if (Math.abs(right) >= Math.abs(down)) return right >= 0 ? 0 : 2
  return down > 0 ? 3 : 1
}

function scored(reading: Reading, turns: Turns, enlargement: number): Attempt {
  const lines = reading.lines.flatMap((line) => {
    const words = line.words.filter((word) => word.text.trim() !== '')
    return certainty(words).mean >= LEAST_CONFIDENCE || words.some(convinces) ? [{ ...line, words }] : []
  })
  const words = lines.flatMap((line) => line.words)
  const sure = certainty(words.filter((word) => word.confidence >= CONVINCING))
  return {
    ...{ turns, enlargement, lines, slope: reading.slope },
    ...{ confidence: certainty(words).mean, score: sure.letters * sure.mean },
  }
}

/** How many letters and digits there are, and how sure they are on average. */
function certainty(words: readonly SeenWord[]): { readonly letters: number; readonly mean: number } {
  let letters = 0
  let sum = 0
  for (const { text, confidence } of words) {
    const count = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0
    letters += count
    sum += count * confidence
  }
  return { letters, mean: letters === 0 ? 0 : sum / letters }
}

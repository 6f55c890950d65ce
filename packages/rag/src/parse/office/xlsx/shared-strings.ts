import { xmlItems } from '../xml-events.ts'
import type { ZipArchive } from '../zip-archive.ts'

export interface SharedStrings {
  /** Null for one that is not there, or not held. */
  at(index: number): string | null
  /** Some were left out for their number or length. */
  readonly isCut: boolean
}

/** 1.2 million rows of ten texts that differ have as many; all that are held take 150 MB of a parser's 512. */
const MOST_STRINGS = 1_500_000
const MOST_CHARACTERS = 40_000_000
/** Excel's own limit for a cell. */
const LONGEST_STRING = 32_767

/**
 * The texts that cells refer to by number. Held as UTF-8 in one buffer: as strings, each would keep the piece of input
 * alive that it was cut from.
 */
export async function sharedStringsOf(zip: ZipArchive, part: string | undefined): Promise<SharedStrings> {
  const store = new TextStore()
  let isCut = false
  if (part !== undefined && zip.has(part)) {
    for await (const text of xmlItems<string>(zip.stream(part), stringHandler)) {
      isCut = store.count >= MOST_STRINGS || store.characters + text.length > MOST_CHARACTERS
      if (isCut) break
      store.add(text)
    }
  }
  return { at: (index) => store.at(index), isCut }
}

function stringHandler(emit: (text: string) => void) {
  let text = ''
  let inText = false
  /** Readings of East Asian characters, which are no text of their own. */
  let inPhonetic = false
  return {
    open(name: string) {
      if (name === 'si') text = ''
      else if (name === 't') inText = true
      else if (name === 'rPh') inPhonetic = true
    },
    text(piece: string) {
      if (inText && !inPhonetic && text.length < LONGEST_STRING) text += piece.slice(0, LONGEST_STRING)
    },
    close(name: string) {
      if (name === 'si') emit(text)
      else if (name === 't') inText = false
      else if (name === 'rPh') inPhonetic = false
    },
  }
}

const FIRST_BYTES = 64 * 1024

class TextStore {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES)
  #ends = new Uint32Array(1024)
  #size = 0
  count = 0
  characters = 0

  add(text: string): void {
    const most = text.length * 3
    if (this.#size + most > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 1.5, this.#size + most) | 0)
      this.#bytes.copy(grown, 0, 0, this.#size)
      this.#bytes = grown
    }
    if (this.count === this.#ends.length) {
      const grown = new Uint32Array(this.#ends.length * 2)
      grown.set(this.#ends)
      this.#ends = grown
    }
    this.#size += this.#bytes.write(text, this.#size, 'utf8')
    this.#ends[this.count++] = this.#size
    this.characters += text.length
  }

  at(index: number): string | null {
    const end = this.#ends[index]
    if (end === undefined || index >= this.count) return null
    return this.#bytes.toString('utf8', index === 0 ? 0 : this.#ends[index - 1], end)
  }
}

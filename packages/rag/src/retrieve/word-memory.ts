/** What a process has learned of words: for each set of configurations, lexemes by word. */
type Generation = Map<string, Map<string, readonly string[]>>

/**
 * Remembers lexemes of words, at most `most` of them. The words of every passage that is shown are looked up, so a hit
 * must cost no more than that: nothing is moved to the end of a list, as in one that forgets the least recently used.
 * There are two generations instead: what is asked for stays in, or comes into, the young one; when that is half of all,
 * it becomes the old one, whose words are forgotten.
 */
export class WordMemory {
  readonly #most: number
  #young: Generation = new Map()
  #old: Generation = new Map()
  /** Words in the young generation. */
  #size = 0

  constructor(most: number) {
    this.#most = most
  }

  get(configurations: string, word: string): readonly string[] | undefined {
    const known = this.#young.get(configurations)?.get(word)
    if (known !== undefined) return known
    const older = this.#old.get(configurations)?.get(word)
    if (older !== undefined) this.set(configurations, word, older)
    return older
  }

  set(configurations: string, word: string, lexemes: readonly string[]): void {
    if (this.#size >= this.#most / 2) {
      this.#old = this.#young
      this.#young = new Map()
      this.#size = 0
    }
    const words = this.#young.get(configurations) ?? new Map<string, readonly string[]>()
    // Two searches may learn a word at the same time.
    if (!words.has(word)) this.#size++
    this.#young.set(configurations, words.set(word, lexemes))
  }
}

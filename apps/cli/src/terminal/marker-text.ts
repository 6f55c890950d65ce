/** The longest marker worth waiting for: `[^` and up to four digits. */
const UNFINISHED_MARKER = /\[(?:\^\d{0,4})?$/u

/** Rewrites the `[^n]` of a streamed answer for the screen, also where a marker is cut across two pieces. */
export class MarkerText {
  readonly #show: (marker: number) => string
  #held = ''

  constructor(show: (marker: number) => string) {
    this.#show = show
  }

  /** Text that is ready to be shown after this piece. */
  push(piece: string): string {
    const text = this.#held + piece
    const cut = UNFINISHED_MARKER.exec(text)?.index ?? text.length
    this.#held = text.slice(cut)
    return this.#rewrite(text.slice(0, cut))
  }

  /** What was held back, at the end of the answer. */
  rest(): string {
    const text = this.#held
    this.#held = ''
    return text
  }

  reset(): void {
    this.#held = ''
  }

  #rewrite(text: string): string {
    return text.replaceAll(/\[\^(\d+)\]/gu, (_, marker: string) => this.#show(Number(marker)))
  }
}

import type { FailureCode, WarningCode } from '@quarry/contracts'
import { ParseFailure } from '../parsed-page.ts'
import type { Recognised, Trouble } from './recogniser.ts'

/** Under this, about one word in ten is wrong: words of 10 pixel letters, read at 70, had an error in every third line. */
const UNCERTAIN = 75

const WARNING_OF: Readonly<Record<Trouble, WarningCode>> = {
  too_slow: 'ocr_failed',
  too_much_memory: 'ocr_failed',
  crashed: 'ocr_failed',
  limit: 'truncated',
}

/** What came of the pages of a file: a warning each, and in the end why there is no text in any of them. */
export class Outcomes {
  #anyText = false
  #readable = 0
  #trouble: Trouble | null = null

  /** `recognised` is null for a page that was not recognised; `blank` says that it shows nothing. */
  warningOf(
    { recognised, blank }: { readonly recognised: Recognised | null; readonly blank: boolean },
    text: string,
  ): WarningCode | undefined {
    if (recognised?.outcome === 'failed') {
      this.#trouble ??= recognised.why
      // What the page says by itself is still there.
      return text === '' ? WARNING_OF[recognised.why] : undefined
    }
    if (text === '') return blank ? undefined : 'no_text_on_page'
    return recognised !== null && recognised.page.lines.length > 0 && recognised.page.confidence < UNCERTAIN
      ? 'ocr_uncertain'
      : undefined
  }

  count(text: string, warning: WarningCode | undefined): void {
    if (text !== '') this.#anyText = true
    if (warning !== 'page_unreadable') this.#readable++
  }

  /** @throws ParseFailure with the reason when no page had text. */
  demandText(): void {
    if (this.#anyText) return
    if (this.#readable === 0) throw new ParseFailure('damaged')
    throw new ParseFailure(this.#failure())
  }

  #failure(): FailureCode {
    return this.#trouble === 'too_slow' || this.#trouble === 'too_much_memory' ? this.#trouble : 'no_text'
  }
}

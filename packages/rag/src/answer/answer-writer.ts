import type { Citation, RunEventBody } from '@quarry/contracts'
import { CitationFilter } from './citation-filter.ts'
import type { AnswerSegment } from './citation-filter.ts'
import type { CitationResolver } from './citation-resolver.ts'

export type Emit = (body: RunEventBody) => Promise<void> | void

/** Turns the model's deltas into what readers see: text events with `[^n]` markers, each after its citation event. */
export class AnswerWriter {
  readonly #filter = new CitationFilter()
  readonly #resolver: CitationResolver
  readonly #emit: Emit
  #text: string
  #saysNoAnswer = false

  /** `shown`: text that readers have already, before the first delta. */
  constructor(resolver: CitationResolver, emit: Emit, shown = '') {
    this.#text = shown
    this.#resolver = resolver
    this.#emit = emit
  }

  /** Exactly the text events so far, after what was shown before. */
  get text(): string {
    return this.#text
  }

  get citations(): Citation[] {
    return this.#resolver.citations
  }

  /** The model said that the documents do not answer the question. */
  get abstained(): boolean {
    return this.#saysNoAnswer
  }

  async write(delta: string): Promise<void> {
    await this.#show(this.#filter.push(delta))
  }

  /** What is held back, as it stands. More may be written after it. */
  async end(): Promise<void> {
    await this.#show(this.#filter.end())
  }

  async #show(segments: readonly AnswerSegment[]): Promise<void> {
    let delta = ''
    const flush = async () => {
      // An answer does not begin with blanks, which a dropped marker may leave.
      const text = this.#text === '' ? delta.trimStart() : delta
      delta = ''
      if (text === '') return
      this.#text += text
      await this.#emit({ type: 'text', delta: text })
    }
    for (const segment of segments) {
      if (segment.type === 'text') delta += segment.text
      else if (segment.type === 'no-answer') this.#saysNoAnswer = true
      else {
        const resolved = await this.#resolver.resolve(segment.references, segment.claim)
        if (resolved.length === 0) continue
        await flush()
        for (const { citation, isNew } of resolved) if (isNew) await this.#emit({ type: 'citation', citation })
        delta += segment.lead + resolved.map(({ citation }) => `[^${citation.marker}]`).join('')
      }
    }
    await flush()
  }
}

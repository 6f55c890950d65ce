import type { CollectionId, DocumentId, Span, VersionId } from '@quarry/contracts'

/** A piece of a page that a tool showed to the model. `text` is exactly the page's text at `span`. */
export interface ShownPassage {
  readonly documentId: DocumentId
  readonly versionId: VersionId
  readonly collectionId: CollectionId
  readonly document: string
  readonly title: string
  /** 1-based ordinal of document_page; `page` is null where the format has no pages. */
  readonly ordinal: number
  readonly page: number | null
  readonly headingPath: readonly string[]
  readonly span: Span
  readonly text: string
}

/** Names what the tools of one run have shown: p1, p2 … The same place keeps its label, however often it is found. */
export class PassageRegistry {
  readonly #labels = new Map<string, string>()
  readonly #passages = new Map<string, ShownPassage>()

  /** `shown`: what earlier attempts gave away, with the labels that the model knows. */
  constructor(shown: readonly (readonly [label: string, passage: ShownPassage])[] = []) {
    for (const [label, passage] of shown) {
      this.#labels.set(placeOf(passage), label)
      this.#passages.set(label, passage)
    }
  }

  label(passage: ShownPassage): string {
    const place = placeOf(passage)
    const known = this.#labels.get(place)
    if (known !== undefined) return known
    const label = `p${this.#labels.size + 1}`
    this.#labels.set(place, label)
    this.#passages.set(label, passage)
    return label
  }

  /** How many labels there are. */
  get size(): number {
    return this.#passages.size
  }

  /** Characters that were shown. */
  get chars(): number {
    return [...this.#passages.values()].reduce((sum, { text }) => sum + text.length, 0)
  }

  /** Labels given after the first `count`, in order. */
  after(count: number): [string, ShownPassage][] {
    return [...this.#passages].slice(count)
  }

  get(label: string): ShownPassage | undefined {
    return this.#passages.get(label)
  }
}

const placeOf = ({ versionId, ordinal, span }: ShownPassage): string =>
  `${versionId}:${ordinal}:${span.start}:${span.end}`

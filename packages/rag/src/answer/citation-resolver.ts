import type { Citation, CitationId } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import { v7 as uuidv7 } from 'uuid'
import type { PassageReference } from './citation-filter.ts'
import { locateQuote } from './locate-quote.ts'
import type { PassageRegistry } from './passage-registry.ts'
import { readPlaces } from './read-places.ts'

/** More footnotes than a reader can check, and a bound on what a model can make the server re-read. */
const MAX_CITATIONS = 100

/** Numbers the places that an answer cites: the same source and span keep their marker and id. */
export class CitationResolver {
  readonly #tenantDb: TenantDb
  readonly #passages: PassageRegistry
  readonly #known: Map<string, Citation>

  /** `shown`: citations of the answer so far, which keep their marker. */
  constructor(tenantDb: TenantDb, passages: PassageRegistry, shown: readonly Citation[] = []) {
    this.#tenantDb = tenantDb
    this.#passages = passages
    this.#known = new Map(shown.map((citation) => [placeKey(citation), citation]))
  }

  get citations(): Citation[] {
    return [...this.#known.values()]
  }

  /**
   * The citations that the references stand for, in order, each once; `isNew` when it has not been seen before.
   * References to labels that no tool showed are left out.
   */
  async resolve(
    references: readonly PassageReference[],
    claim: string,
  ): Promise<readonly { readonly citation: Citation; readonly isNew: boolean }[]> {
    const places = new Map(
      references.flatMap((reference) => {
        const place = this.#locate(reference, claim)
        return place ? [[place.key, place] as const] : []
      }),
    )
    const unknown = [...places.values()].filter(({ key }) => !this.#known.has(key))
    const added = unknown.slice(0, Math.max(0, MAX_CITATIONS - this.#known.size))
    const read = await readPlaces(this.#tenantDb, added)
    for (const [index, { key, passage, span, quote }] of added.entries())
      this.#known.set(key, {
        id: uuidv7() as CitationId,
        marker: this.#known.size + 1,
        documentId: passage.documentId,
        versionId: passage.versionId,
        document: passage.document,
        title: passage.title,
        ordinal: passage.ordinal,
        page: passage.page,
        heading: read[index]?.heading ?? null,
        span,
        quote,
        verified: read[index]?.verified ?? false,
      })
    const isNew = new Set(added.map(({ key }) => key))
    return [...places.keys()].flatMap((key) => {
      const citation = this.#known.get(key)
      return citation ? [{ citation, isNew: isNew.has(key) }] : []
    })
  }

  /** The place that a reference stands for; null for a label that no tool showed. */
  #locate({ label, quote }: PassageReference, claim: string) {
    const passage = this.#passages.get(label)
    const located = passage && locateQuote(passage.text, quote, claim)
    if (!passage || !located) return null
    const span = { start: passage.span.start + located.start, end: passage.span.start + located.end }
    return {
      key: placeKey({ ...passage, span }),
      passage,
      versionId: passage.versionId,
      ordinal: passage.ordinal,
      span,
      quote: passage.text.slice(located.start, located.end),
    }
  }
}

const placeKey = ({ versionId, ordinal, span }: Pick<Citation, 'versionId' | 'ordinal' | 'span'>): string =>
  `${versionId}:${ordinal}:${span.start}:${span.end}`

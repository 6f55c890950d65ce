import type { Citation, CitationId } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import { v7 as uuidv7 } from 'uuid'
import type { PassageReference } from './citation-filter.ts'
import { locateQuote } from './locate-quote.ts'
import type { PassageRegistry } from './passage-registry.ts'
import { readHeading } from './read-heading.ts'
import { verifyCitations } from './verify-citations.ts'

/** More footnotes than a reader can check, and a bound on what a model can make the server re-read. */
const MAX_CITATIONS = 100

/** Numbers the places that an answer cites: the same source and span keep their marker and id. */
export class CitationResolver {
  readonly #tenantDb: TenantDb
  readonly #passages: PassageRegistry
  readonly #known = new Map<string, Citation>()

  constructor(tenantDb: TenantDb, passages: PassageRegistry) {
    this.#tenantDb = tenantDb
    this.#passages = passages
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
    const resolved = new Map<string, { citation: Citation; isNew: boolean }>()
    for (const reference of references) {
      const passage = this.#passages.get(reference.label)
      const located = passage && locateQuote(passage.text, reference.quote, claim)
      if (!passage || !located) continue
      const span = { start: passage.span.start + located.start, end: passage.span.start + located.end }
      const place = `${passage.versionId}:${passage.ordinal}:${span.start}:${span.end}`
      const known = this.#known.get(place)
      if (known) {
        if (!resolved.has(place)) resolved.set(place, { citation: known, isNew: false })
        continue
      }
      if (this.#known.size >= MAX_CITATIONS) continue
      const quote = passage.text.slice(located.start, located.end)
      const [verified = false] = await verifyCitations(this.#tenantDb, [{ ...passage, span, quote }])
      const citation: Citation = {
        id: uuidv7() as CitationId,
        marker: this.#known.size + 1,
        documentId: passage.documentId,
        versionId: passage.versionId,
        document: passage.document,
        title: passage.title,
        ordinal: passage.ordinal,
        page: passage.page,
        heading: await readHeading(this.#tenantDb, { ...passage, start: span.start }),
        span,
        quote,
        verified,
      }
      this.#known.set(place, citation)
      resolved.set(place, { citation, isNew: true })
    }
    return [...resolved.values()]
  }
}

import { longPdf } from '../../tests/fixtures/pdf/long-pdf.ts'
import { twoColumnPaper } from '../../tests/fixtures/pdf/two-column-paper.ts'
import { tenantDocuments } from '../../tests/fixtures/tenant-documents.ts'

/** Long enough that a kill meets them half done, in a few lengths. */
const LONG_PAGES = [20, 40, 60, 80]

/**
 * Files of every kind: of ten, one a long PDF, two papers, six texts, and one that is damaged and has to fail.
 *
 * @param {number} count
 * @returns {Promise<readonly { path: string, bytes: Uint8Array, mediaType: string }[]>}
 */
export const mixedFiles = async (count) => {
  const { bytes: paper } = await twoColumnPaper()
  const long = await Promise.all(LONG_PAGES.map(async (pages) => (await longPdf(pages)).bytes))
  const damaged = new TextEncoder().encode('%PDF-1.7\nthis is the beginning of a file, and its end as well')
  return Array.from({ length: count }, (_, i) => {
    if (i % 10 === 0)
      return { path: `long-${i}.pdf`, bytes: long[(i / 10) % long.length], mediaType: 'application/pdf' }
    if (i % 10 === 1) return { path: `damaged-${i}.pdf`, bytes: damaged, mediaType: 'application/pdf' }
    if (i % 10 <= 3) return { path: `paper-${i}.pdf`, bytes: paper, mediaType: 'application/pdf' }
    const [markdown, text] = tenantDocuments(`bench${i}`)
    const { path, bytes } = i % 2 === 0 ? markdown : text
    return { path: `${i}-${path.replaceAll('/', '-')}`, bytes, mediaType: i % 2 === 0 ? 'text/markdown' : 'text/plain' }
  })
}

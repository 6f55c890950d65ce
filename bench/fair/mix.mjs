import { docxBytes, wordParagraph } from '../../tests/fixtures/office-files.ts'
import { longPdf } from '../../tests/fixtures/pdf/long-pdf.ts'
import { tenantDocuments } from '../../tests/fixtures/tenant-documents.ts'

const PAGES = 10
/** A letter or minutes of a meeting: two to three pages. */
const PARAGRAPHS = 40

/**
 * What one person uploads on a working day, in turns: a note, a report of ten pages, a document of an office. A file of one
 * kind alone would measure that kind's reader; and a note of 40 ms is slower by a fifth when one other transaction is
 * before it, which nobody can see.
 *
 * @returns {Promise<(i: number) => { path: string, bytes: Uint8Array, mediaType: string }>}
 */
export const workingDay = async () => {
  const { bytes: report } = await longPdf(PAGES)
  const letter = docxBytes(
    Array.from({ length: PARAGRAPHS }, (_, i) =>
      wordParagraph(
        `Paragraph ${i}: the harbour master has counted ${i * 37} crates, and wants them moved before winter.`,
      ),
    ).join(''),
  )
  const [note] = tenantDocuments('note')
  const kinds = [
    { end: 'md', bytes: note.bytes, mediaType: 'text/markdown' },
    { end: 'pdf', bytes: report, mediaType: 'application/pdf' },
    {
      ...{ end: 'docx', bytes: letter },
      mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    },
  ]
  return (i) => {
    const { end, ...file } = kinds[i % kinds.length]
    return { path: `one-${i}.${end}`, ...file }
  }
}

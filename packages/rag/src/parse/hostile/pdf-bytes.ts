/** The objects of a PDF by number, from 1 on; a stream is `[dictionary, bytes]`. Object 1 is the catalogue. */
export type PdfObject = string | readonly [dictionary: string, content: Uint8Array | string]

/** Writes a PDF 1.7 as its objects say. @param trailer what stands in the trailer beside the root. */
export function pdfBytes(objects: readonly PdfObject[], trailer = ''): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')]
  const offsets: number[] = []
  let size = parts[0]?.length ?? 0
  const write = (part: Buffer) => {
    parts.push(part)
    size += part.length
  }
  for (const [i, object] of objects.entries()) {
    offsets.push(size)
    if (typeof object === 'string') write(Buffer.from(`${i + 1} 0 obj\n${object}\nendobj\n`))
    else {
      const content = Buffer.from(object[1])
      write(Buffer.from(`${i + 1} 0 obj\n<<${object[0]} /Length ${content.length}>>\nstream\n`))
      write(content)
      write(Buffer.from('\nendstream\nendobj\n'))
    }
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const start = size
  write(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<</Size ${objects.length + 1} /Root 1 0 R ${trailer}>>\nstartxref\n${start}\n%%EOF\n`,
    ),
  )
  return Buffer.concat(parts)
}

export const FONT = '<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>'
export const showText = (text: string) => `BT /F1 12 Tf 72 720 Td (${text}) Tj ET`

export interface OnePage {
  /** Beside the pages, in the catalogue. */
  readonly catalogue?: string
  /** Beside the content, in the page. */
  readonly page?: string
  readonly content?: readonly [dictionary: string, content: Uint8Array | string]
  /** From object 6 on. */
  readonly more?: readonly PdfObject[]
  readonly trailer?: string
}

/** A PDF of one page that shows `text`. */
export function onePagePdf(
  text: string,
  { catalogue = '', page = '', content, more = [], trailer = '' }: OnePage = {},
): Buffer {
  return pdfBytes(
    [
      `<</Type /Catalog /Pages 2 0 R ${catalogue}>>`,
      '<</Type /Pages /Kids [3 0 R] /Count 1>>',
      `<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources <</Font <</F1 5 0 R>> ${page}>>>>`,
      content ?? ['', showText(text)],
      FONT,
      ...more,
    ],
    trailer,
  )
}

/** As much text as a page has: what pdf.js does with each word is compiled by then. */
const LINES = 50

/** A page of text in a font that every reader has. */
export function samplePdf(): Uint8Array {
  const text = Array.from(
    { length: LINES },
    (_, i) => `BT /F1 10 Tf 50 ${800 - i * 14} Td (Line ${i} of a page that has words, and says nothing.) Tj ET`,
  ).join('\n')
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${text.length}>>\nstream\n${text}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ]
  let file = '%PDF-1.4\n'
  let table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const [i, object] of objects.entries()) {
    table += `${String(file.length).padStart(10, '0')} 00000 n \n`
    file += `${i + 1} 0 obj\n${object}\nendobj\n`
  }
  const at = file.length
  file += `${table}trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${at}\n%%EOF`
  return new TextEncoder().encode(file)
}

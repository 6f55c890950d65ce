import { randomUUID } from 'node:crypto'
import { PDFDocument, StandardFonts } from 'pdf-lib'

const MARKDOWN_BYTES = 20_000
const PDF_PAGES = 10
const LINES_PER_PAGE = 40
/** Made before anything is measured, since one takes as long as fifty requests; an organisation rarely gets one twice. */
const PDFS = 24

let pdfs = []
let next = 0

/** Makes the PDFs that `nextPdf` gives away in turn. @param {readonly string[]} sentences */
export const preparePdfs = async (sentences) => {
  pdfs = []
  for (let i = 0; i < PDFS; i++) pdfs.push(Buffer.from(await tenPages(`${i}`, sentences)))
}

export const nextPdf = () => pdfs[next++ % pdfs.length]

const tenPages = async (name, sentences) => {
  const document = await PDFDocument.create()
  const font = await document.embedFont(StandardFonts.Helvetica)
  for (let page = 1; page <= PDF_PAGES; page++) {
    const sheet = document.addPage([595, 842])
    for (let line = 0; line < LINES_PER_PAGE; line++) {
      const sentence = sentences[(page * LINES_PER_PAGE + line + Number(name)) % sentences.length]
      // The standard fonts know Latin letters alone.
      const text = `${name}.${page}.${line} ${sentence}`.replaceAll(/[^\u0020-\u007e]/g, ' ').slice(0, 90)
      sheet.drawText(text, { x: 50, y: 790 - line * 18, size: 10, font })
    }
  }
  return document.save()
}

/** About 20 kB with headings, of the words of an organisation; no two are the same. */
export const markdownFile = (sentences) => {
  const mark = randomUUID()
  let text = `# Notes ${mark}\n`
  for (let i = 0; text.length < MARKDOWN_BYTES; i++) {
    if (i % 8 === 0) text += `\n\n## Part ${i / 8 + 1} of ${mark}\n\n`
    text += `${sentences[Math.floor(Math.random() * sentences.length)]}, as said in ${mark.slice(0, 8)}-${i}. `
  }
  return Buffer.from(text)
}

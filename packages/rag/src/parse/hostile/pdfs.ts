import { deflateSync } from 'node:zlib'
import type { HostileFile } from './hostile-file.ts'
import { docxBytes, wordParagraph } from '../testing/office-files.ts'
import { FONT, onePagePdf, pdfBytes, showText, type PdfObject } from './pdf-bytes.ts'
import { MEBIBYTE } from './hostile-file.ts'

const PDF = 'application/pdf'
const TEXT = 'The lamp is lit.'
const PAGES = 10_000
/** As writers of long files do: a viewer goes through a branch to find a page. */
const BRANCHES = 100

/** Attacks by PDF (ISO 32000-1). */
export const PDFS: readonly HostileFile[] = [
  { name: 'PDF: a benign one', mediaType: PDF, bytes: () => onePagePdf(TEXT), expected: 'searchable', contains: TEXT },
  {
    name: 'PDF: scripts, launches and forms that submit',
    mediaType: PDF,
    bytes: ({ url, path }) =>
      onePagePdf(TEXT, {
        catalogue: '/OpenAction 6 0 R /AA <</WC 7 0 R>> /Names <</JavaScript <</Names [(a) 6 0 R]>>>>',
        more: [
          `<</S /JavaScript /JS (app.launchURL\\("${url}/js"\\); this.submitForm\\("${url}/js"\\))>>`,
          `<</S /Launch /F (${path})>>`,
          `<</S /SubmitForm /F (${url}/submit)>>`,
        ],
      }),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'PDF: streams and fonts that stand in other files',
    mediaType: PDF,
    bytes: ({ url, path }) =>
      pdfBytes([
        '<</Type /Catalog /Pages 2 0 R>>',
        '<</Type /Pages /Kids [3 0 R] /Count 1>>',
        '<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents [4 0 R 6 0 R 7 0 R] /Resources <</Font <</F1 5 0 R>>>>>>',
        ['', showText(TEXT)],
        FONT,
        [`/F (${path})`, ''],
        [`/F <</FS /URL /F (${url}/stream)>>`, ''],
      ]),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'PDF: a password',
    mediaType: PDF,
    bytes: () =>
      onePagePdf(TEXT, {
        more: [`<</Filter /Standard /V 1 /R 2 /P -4 /O <${'ab'.repeat(32)}> /U <${'cd'.repeat(32)}>>>`],
        trailer: `/Encrypt 6 0 R /ID [<${'01'.repeat(16)}> <${'01'.repeat(16)}>]`,
      }),
    expected: ['encrypted'],
  },
  {
    name: 'PDF: ten thousand pages',
    slow: true,
    mediaType: PDF,
    bytes: () => {
      const perBranch = PAGES / BRANCHES
      const first = 4 + BRANCHES
      const pages = Array.from({ length: PAGES }, (_, i): PdfObject[] => [
        `<</Type /Page /Parent ${4 + Math.floor(i / perBranch)} 0 R /MediaBox [0 0 612 792] /Contents ${first + 1 + i * 2} 0 R /Resources <</Font <</F1 3 0 R>>>>>>`,
        ['', showText(`Page ${i + 1} of the lamp.`)],
      ])
      const references = (from: number, count: number, step: number) =>
        Array.from({ length: count }, (_, i) => `${from + i * step} 0 R`).join(' ')
      const branches = Array.from(
        { length: BRANCHES },
        (_, b) =>
          `<</Type /Pages /Parent 2 0 R /Count ${perBranch} /Kids [${references(first + b * perBranch * 2, perBranch, 2)}]>>`,
      )
      return pdfBytes([
        '<</Type /Catalog /Pages 2 0 R>>',
        `<</Type /Pages /Count ${PAGES} /Kids [${references(4, BRANCHES, 1)}]>>`,
        FONT,
        ...branches,
        ...pages.flat(),
      ])
    },
    expected: 'searchable',
    contains: `Page ${PAGES} of the lamp.`,
  },
  {
    name: 'PDF: a page count that nobody could print',
    mediaType: PDF,
    bytes: () =>
      pdfBytes([
        '<</Type /Catalog /Pages 2 0 R>>',
        '<</Type /Pages /Kids [3 0 R] /Count 2000000000>>',
        '<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources <</Font <</F1 5 0 R>>>>>>',
        ['', showText(TEXT)],
        FONT,
      ]),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'PDF: cut off in the middle',
    mediaType: PDF,
    bytes: () => {
      const whole = onePagePdf(TEXT)
      return whole.subarray(0, whole.length / 3)
    },
    expected: ['damaged', 'no_text'],
  },
  {
    name: 'PDF: tables of contents that go round in circles',
    mediaType: PDF,
    bytes: () =>
      Buffer.concat([
        onePagePdf(TEXT),
        Buffer.from('xref\n0 0\ntrailer\n<</Size 6 /Root 1 0 R /Prev 9 /XRefStm 9>>\nstartxref\n9\n%%EOF\n'),
      ]),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'PDF: a tree of pages that holds itself',
    mediaType: PDF,
    bytes: () =>
      pdfBytes(['<</Type /Catalog /Pages 2 0 R>>', '<</Type /Pages /Kids [2 0 R 2 0 R] /Count 2 /Parent 2 0 R>>']),
    expected: ['damaged', 'no_text'],
  },
  {
    name: 'PDF: a form that draws itself',
    mediaType: PDF,
    bytes: () =>
      onePagePdf(TEXT, {
        page: '/XObject <</X 6 0 R>>',
        content: ['', `${showText(TEXT)} /X Do`],
        more: [['/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</X 6 0 R>>>>', '/X Do /X Do']],
      }),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'PDF: a page that inflates to 300 megabytes, twice deflated',
    mediaType: PDF,
    bytes: () =>
      onePagePdf(TEXT, {
        content: ['/Filter [/FlateDecode /FlateDecode]', deflateSync(deflateSync(Buffer.alloc(300 * MEBIBYTE, ' ')))],
      }),
    expected: ['too_much_memory', 'no_text', 'damaged'],
  },
  {
    name: 'PDF: arrays in arrays in arrays',
    mediaType: PDF,
    bytes: () => onePagePdf(TEXT, { catalogue: `/X ${'['.repeat(200_000)}` }),
    expected: ['damaged', 'no_text', 'crashed'],
  },
  {
    name: 'a PDF that is a zip file and a web page, too',
    mediaType: PDF,
    bytes: ({ url }) =>
      Buffer.concat([
        onePagePdf(TEXT),
        Buffer.from(`<html><img src="${url}/a.png"><script src="${url}/a.js"></script></html>`),
        docxBytes(wordParagraph('another text')),
      ]),
    expected: 'searchable',
    contains: TEXT,
    lacks: 'another text',
  },
  {
    name: 'PDF: by its name only',
    mediaType: PDF,
    bytes: () => Buffer.from('MZ\x90\0\x03\0\0\0 no PDF at all'.repeat(100)),
    expected: ['damaged'],
  },
]

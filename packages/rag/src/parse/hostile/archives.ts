import { randomBytes } from 'node:crypto'
import { docxBytes, epubBytes, odtBytes, pptxBytes, wordParagraph, xlsxBytes } from '../testing/office-files.ts'
import { overlappingZipBytes, zipBytes } from '../testing/zip-bytes.ts'
import { DOCX, EPUB, MEBIBYTE, ODT, PPTX, XLSX, type HostileFile } from './hostile-file.ts'

const TEXT = wordParagraph('The lamp is lit.')
const UNPACKED = 100 * MEBIBYTE

/** A Word document whose text part is what the attack needs; everything else of it is true. */
const docxOf = (document: {
  content: Uint8Array | string
  claimedSize?: number
  encrypted?: boolean
  packed?: Uint8Array
}) =>
  zipBytes([
    {
      name: '_rels/.rels',
      content:
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="x/officeDocument" Target="word/document.xml"/></Relationships>',
    },
    { name: 'word/document.xml', ...document },
  ])

/** Inflates to spaces between two tags, or in a tag: a file of 100 kB. */
const bomb = () => Buffer.concat([Buffer.from('<w:document xmlns:w="w"><w:body>'), Buffer.alloc(UNPACKED, ' ')])

/** Attacks on the archive that an Office file is. */
export const ARCHIVES: readonly HostileFile[] = [
  { name: 'zip bomb', mediaType: DOCX, bytes: () => docxOf({ content: bomb() }), expected: ['unpacks_too_large'] },
  {
    name: 'zip bomb in one text node, with rows enough to pass for text',
    mediaType: XLSX,
    bytes: () =>
      xlsxBytes([
        { name: 'S', xml: `<sheetData>${'<row><c t="inlineStr"><is><t>x</t></is></c></row>'.repeat(1_000_000)}` },
      ]),
    expected: ['unpacks_too_large'],
  },
  {
    name: 'zip bomb that claims ten bytes',
    mediaType: DOCX,
    bytes: () => docxOf({ content: bomb(), claimedSize: 10 }),
    expected: ['damaged', 'unpacks_too_large'],
  },
  {
    name: 'nested zips, a bomb in the innermost',
    mediaType: DOCX,
    bytes: () => {
      let inner = zipBytes([{ name: 'bomb', content: Buffer.alloc(50 * MEBIBYTE) }])
      for (let depth = 0; depth < 20; depth++) inner = zipBytes([{ name: 'inner.zip', content: inner }])
      return docxBytes(TEXT, { extra: [{ name: 'word/embeddings/inner.zip', content: inner }] })
    },
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
  {
    name: 'fifteen thousand entries that overlap',
    mediaType: EPUB,
    bytes: () => {
      const names = Array.from({ length: 15_000 }, (_, i) => `e${i}`)
      return overlappingZipBytes(['META-INF/container.xml', ...names], Buffer.alloc(4 * MEBIBYTE, '<a/>'))
    },
    expected: ['damaged', 'unpacks_too_large'],
  },
  {
    name: 'a book of forty chapters, each a paragraph of five megabytes',
    slow: true,
    mediaType: EPUB,
    bytes: () => epubBytes(Array.from({ length: 40 }, () => ({ html: `<p>${'water '.repeat(900_000)}</p>` }))),
    expected: 'searchable',
    contains: 'water water',
  },
  {
    name: 'names that lead out of the archive',
    mediaType: DOCX,
    bytes: (canary) =>
      docxBytes(TEXT, {
        relations: [
          ['a', 'styles', '../../../../../../etc/passwd'],
          ['b', 'numbering', `/..${canary.path}`],
          ['c', 'footnotes', `file://${canary.path}`],
        ],
        extra: [
          { name: '../../../../tmp/quarry-escaped', content: 'escaped' },
          { name: '/etc/quarry-escaped', content: 'escaped' },
          { name: 'C:\\quarry-escaped', content: 'escaped' },
        ],
      }),
    expected: 'searchable',
    contains: 'The lamp is lit.',
    lacks: 'escaped',
  },
  {
    name: 'a hundred thousand entries',
    mediaType: PPTX,
    bytes: () =>
      zipBytes(
        Array.from({ length: 100_000 }, (_, i) => ({ name: `ppt/slides/slide${i}.xml`, content: '', method: 0 })),
      ),
    expected: ['unpacks_too_large'],
  },
  {
    name: 'an encrypted entry',
    mediaType: DOCX,
    bytes: () => docxOf({ content: randomBytes(2000), encrypted: true }),
    expected: ['encrypted'],
  },
  {
    name: 'a password, by a compound file',
    mediaType: DOCX,
    bytes: () =>
      Buffer.concat([
        Buffer.from('d0cf11e0a1b11ae1', 'hex'),
        Buffer.alloc(5000),
        Buffer.from('EncryptedPackage', 'utf16le'),
        Buffer.alloc(5000),
      ]),
    expected: ['encrypted'],
  },
  {
    name: 'a truncated archive',
    mediaType: XLSX,
    bytes: () => xlsxBytes([{ name: 'S', xml: '<sheetData/>' }]).subarray(0, 500),
    expected: ['damaged'],
  },
  {
    name: 'one kind of Office file by the name of another',
    mediaType: PPTX,
    bytes: () => odtBytes('<text:p>x</text:p>'),
    expected: ['unsupported_type'],
  },
  {
    name: 'locked chapters (DRM)',
    mediaType: EPUB,
    bytes: () =>
      epubBytes(
        [{ html: 'x' }],
        [
          {
            name: 'META-INF/encryption.xml',
            content:
              '<encryption><EncryptedData><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/><CipherData><CipherReference URI="OEBPS/text/c%200.xhtml"/></CipherData></EncryptedData></encryption>',
          },
        ],
      ),
    expected: ['encrypted'],
  },
  {
    name: 'a benign Word document',
    mediaType: DOCX,
    bytes: () => docxBytes(TEXT),
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
  {
    name: 'a benign presentation',
    mediaType: PPTX,
    bytes: () =>
      pptxBytes([{ xml: '<p:sp><p:txBody><a:p><a:r><a:t>The lamp is lit.</a:t></a:r></a:p></p:txBody></p:sp>' }]),
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
  {
    name: 'a benign OpenDocument text',
    mediaType: ODT,
    bytes: () => odtBytes('<text:p>The lamp is lit.</text:p>'),
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
]

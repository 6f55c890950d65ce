import {
  docxBytes,
  epubBytes,
  odtBytes,
  pptxBytes,
  slideShape,
  wordParagraph,
  xlsxBytes,
} from '../testing/office-files.ts'
import { DOCX, EPUB, ODT, PPTX, XLSX, type HostileFile } from './hostile-file.ts'

const TEXT = wordParagraph('The lamp is lit.')

/** Ten to the ninth lines of a song, by ten entities (the "billion laughs"). */
const LAUGHS = `<!DOCTYPE x [<!ENTITY l0 "lol">${Array.from(
  { length: 10 },
  (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
).join('')}]>`

const inlineText = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`

/** Attacks by what stands in the parts of an Office file. */
export const OFFICE_PARTS: readonly HostileFile[] = [
  {
    name: 'Word: pictures linked to local files and addresses',
    mediaType: DOCX,
    bytes: ({ path, url }) =>
      docxBytes(
        `${TEXT}<w:p><w:r><w:drawing><a:blip xmlns:a="a" r:link="i1"/><a:blip xmlns:a="a" r:link="i2" r:embed="i3"/></w:drawing></w:r></w:p><w:altChunk r:id="i1"/><w:subDoc r:id="i2"/>`,
        {
          relations: [
            ['i1', 'image', 'file:///etc/passwd'],
            ['i2', 'image', `file://${path}`],
            ['i3', 'image', `${url}/picture.png`],
            ['i4', 'attachedTemplate', `${url}/template.dotm`],
          ],
        },
      ),
    expected: 'searchable',
    contains: 'The lamp is lit.',
    lacks: 'root:',
  },
  {
    name: 'Word: macros, which are no text',
    mediaType: DOCX,
    bytes: () =>
      docxBytes(TEXT, {
        relations: [['m', 'vbaProject', 'vbaProject.bin']],
        extra: [{ name: 'word/vbaProject.bin', content: 'Sub AutoOpen() Shell "macro-text" End Sub' }],
      }),
    expected: 'searchable',
    contains: 'The lamp is lit.',
    lacks: 'macro-text',
  },
  {
    name: 'Word: billion laughs',
    mediaType: DOCX,
    bytes: () => docxBytes(`${TEXT}${wordParagraph('&l10;')}`, { prolog: LAUGHS }),
    expected: 'searchable',
    contains: 'The lamp is lit.',
    lacks: 'lol',
  },
  {
    name: 'Word: external entities, a file and an address',
    mediaType: DOCX,
    bytes: ({ path, url }) =>
      docxBytes(`${TEXT}${wordParagraph('&file;')}${wordParagraph('&net;')}`, {
        prolog: `<!DOCTYPE x SYSTEM "${url}/x.dtd" [<!ENTITY file SYSTEM "file://${path}"><!ENTITY net SYSTEM "${url}/e"><!ENTITY % p SYSTEM "${url}/p"> %p;]>`,
      }),
    // What stands before the first reference, with a warning.
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
  {
    name: 'Word: two hundred thousand elements in each other',
    mediaType: DOCX,
    bytes: () => docxBytes(`${TEXT}${'<w:tbl><w:tr><w:tc>'.repeat(70_000)}`),
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
  {
    name: 'Word: styles and lists that go round in circles',
    mediaType: DOCX,
    bytes: () =>
      docxBytes(
        Array.from({ length: 2000 }, () =>
          wordParagraph(
            'On and on.',
            '<w:pStyle w:val="a"/><w:numPr><w:ilvl w:val="999999999"/><w:numId w:val="1"/></w:numPr>',
          ),
        ).join(''),
        {
          styles:
            '<w:style w:styleId="a"><w:basedOn w:val="b"/></w:style><w:style w:styleId="b"><w:basedOn w:val="a"/></w:style>',
          numbering: `<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="99999999999"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="${'%1'.repeat(10_000)}"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>`,
        },
      ),
    expected: 'searchable',
    contains: 'On and on.',
  },
  {
    name: 'Excel: a sheet that claims seventeen billion cells',
    mediaType: XLSX,
    bytes: () =>
      xlsxBytes([
        {
          name: 'S',
          xml: `<dimension ref="A1:XFD1048576"/><cols><col min="1" max="16384"/></cols><sheetData><row r="1048576">${inlineText('The lamp is lit.')}<c r="XFD1048576"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>`,
        },
      ]),
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
  {
    name: 'Excel: a million and more shared strings',
    slow: true,
    mediaType: XLSX,
    bytes: () =>
      xlsxBytes(
        [{ name: 'S', xml: '<sheetData><row><c t="s"><v>1</v></c><c t="s"><v>999999999</v></c></row></sheetData>' }],
        {
          strings: Array.from({ length: 1_600_000 }, (_, i) => `<si><t>s${i}</t></si>`).join(''),
        },
      ),
    expected: 'searchable',
    contains: 's1',
  },
  {
    name: 'Excel: billion laughs in the strings',
    mediaType: XLSX,
    bytes: () =>
      xlsxBytes([{ name: 'S', xml: `<sheetData><row>${inlineText('x')}</row></sheetData>` }], {
        strings: '<si><t>&l10;</t></si>',
        prolog: LAUGHS,
      }),
    expected: ['damaged'],
  },
  {
    name: 'Excel: formats, columns and dates beyond all bounds',
    mediaType: XLSX,
    bytes: () =>
      xlsxBytes(
        [
          {
            name: 'S',
            xml: `<sheetData><row r="-1"><c r="ZZZZZZZZ1" s="1"><v>1e308</v></c><c s="999999999"><v>-1e308</v></c>${inlineText('The lamp is lit.')}</row></sheetData>`,
          },
        ],
        {
          styles: `<numFmts><numFmt numFmtId="200" formatCode="${'[h]&quot;'.repeat(10_000)}"/></numFmts><cellXfs><xf/><xf numFmtId="200"/></cellXfs>`,
        },
      ),
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
  {
    name: 'Excel: links to other workbooks, web queries, DDE',
    mediaType: XLSX,
    bytes: ({ url, path }) =>
      xlsxBytes(
        [
          {
            name: 'S',
            xml: `<sheetData><row>${inlineText('The lamp is lit.')}<c><f>WEBSERVICE("${url}/q")</f><v>2</v></c><c><f>cmd|'/c calc'!A0</f><v>3</v></c></row></sheetData>`,
          },
        ],
        {
          extra: [
            {
              name: 'xl/externalLinks/_rels/externalLink1.xml.rels',
              content: `<Relationships><Relationship Id="r" Type="x/externalLinkPath" Target="file://${path}" TargetMode="External"/></Relationships>`,
            },
          ],
        },
      ),
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
  {
    name: 'PowerPoint: slides that are missing, broken, or the presentation itself',
    mediaType: PPTX,
    bytes: () =>
      pptxBytes([
        { xml: null },
        { xml: '<p:sp>' },
        { xml: slideShape(['The lamp is lit.']) },
        ...Array.from({ length: 300 }, () => ({ xml: null })),
      ]),
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
  {
    name: 'EPUB: pictures, styles, scripts and frames from elsewhere',
    mediaType: EPUB,
    bytes: ({ url, path }) =>
      epubBytes([
        {
          html: `<p>The lamp is lit.</p><img src="${url}/a.png"/><img src="file://${path}"/><link rel="stylesheet" href="${url}/a.css"/><script src="${url}/a.js">fetch("${url}")</script><iframe src="file://${path}"></iframe><object data="${url}/o"></object><style>@import url(${url}/b.css)</style>`,
        },
      ]),
    expected: 'searchable',
    contains: 'The lamp is lit.',
  },
  {
    name: 'OpenDocument: entities, repetitions without end, links',
    mediaType: ODT,
    bytes: ({ url, path }) =>
      odtBytes(
        `<text:p>The lamp is lit.<text:s text:c="2000000000"/></text:p><text:section><text:section-source xlink:href="file://${path}"/></text:section><draw:image xlink:href="${url}/a.png"/>` +
          '<table:table><table:table-row table:number-rows-repeated="1000000000"><table:table-cell table:number-columns-repeated="1000000000"><text:p>x</text:p></table:table-cell></table:table-row></table:table><text:p>&l10;</text:p>',
        { prolog: LAUGHS },
      ),
    expected: 'searchable',
    contains: 'The lamp is lit.',
    lacks: 'lol',
  },
]

import { zipBytes, type ZipEntry } from './zip-bytes.ts'

/** Small Office files of our own making, each part given as the XML inside of its root element. */

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const TYPES = 'application/vnd.openxmlformats-officedocument'
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'

/** `[id, type, target]`; a target of another scheme than the package's is external. */
export type Relation = readonly [id: string, type: string, target: string]

export function relationships(part: string, relations: readonly Relation[]): ZipEntry {
  const slash = part.lastIndexOf('/') + 1
  const items = relations.map(
    ([id, type, target]) =>
      `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"${/^\w+:/u.test(target) ? ' TargetMode="External"' : ''}/>`,
  )
  return {
    name: `${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`,
    content: `${HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${items.join('')}</Relationships>`,
  }
}

function packageOf(main: string, type: string, entries: readonly ZipEntry[]): Buffer {
  return zipBytes([
    {
      name: '[Content_Types].xml',
      content: `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/${main}" ContentType="${TYPES}.${type}.main+xml"/></Types>`,
    },
    relationships('', [['rId1', 'officeDocument', main]]),
    ...entries,
  ])
}

const W = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="${OFFICE}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"`

export interface DocxParts {
  readonly styles?: string
  readonly numbering?: string
  readonly footnotes?: string
  readonly relations?: readonly Relation[]
  readonly extra?: readonly ZipEntry[]
  /** Stands before the root element, for a DTD. */
  readonly prolog?: string
}

export function docxBytes(body: string, parts: DocxParts = {}): Buffer {
  const own: ZipEntry[] = []
  const relations: Relation[] = [...(parts.relations ?? [])]
  for (const part of ['styles', 'numbering', 'footnotes'] as const) {
    const xml = parts[part]
    if (xml === undefined) continue
    own.push({ name: `word/${part}.xml`, content: `${HEAD}<w:${part} ${W}>${xml}</w:${part}>` })
    relations.push([part, part, `${part}.xml`])
  }
  return packageOf('word/document.xml', 'wordprocessingml.document', [
    {
      name: 'word/document.xml',
      content: `${HEAD}${parts.prolog ?? ''}<w:document ${W}><w:body>${body}</w:body></w:document>`,
    },
    relationships('word/document.xml', relations),
    ...own,
    ...(parts.extra ?? []),
  ])
}

/** A paragraph of Word; `properties` is what stands in `w:pPr`. */
export const wordParagraph = (text: string, properties = ''): string =>
  `<w:p><w:pPr>${properties}</w:pPr><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`

export interface XlsxSheet {
  readonly name: string
  /** Inside of `<worksheet>`. */
  readonly xml: string
  readonly state?: 'hidden' | 'veryHidden'
}

export interface XlsxParts {
  readonly strings?: string
  readonly styles?: string
  readonly workbook?: string
  readonly extra?: readonly ZipEntry[]
  readonly prolog?: string
}

export function xlsxBytes(sheets: readonly XlsxSheet[], parts: XlsxParts = {}): Buffer {
  const list = sheets.map(
    ({ name, state }, i) =>
      `<sheet name="${name}" sheetId="${i + 1}"${state === undefined ? '' : ` state="${state}"`} r:id="s${i}"/>`,
  )
  const own: ZipEntry[] = []
  const relations: Relation[] = sheets.map((_, i) => [`s${i}`, 'worksheet', `/xl/worksheets/sheet${i + 1}.xml`])
  if (parts.strings !== undefined) {
    own.push({ name: 'xl/sharedStrings.xml', content: `${HEAD}${parts.prolog ?? ''}<sst>${parts.strings}</sst>` })
    relations.push(['strings', 'sharedStrings', 'sharedStrings.xml'])
  }
  if (parts.styles !== undefined) {
    own.push({ name: 'xl/styles.xml', content: `${HEAD}<styleSheet>${parts.styles}</styleSheet>` })
    relations.push(['styles', 'styles', 'styles.xml'])
  }
  return packageOf('xl/workbook.xml', 'spreadsheetml.sheet', [
    {
      name: 'xl/workbook.xml',
      content: `${HEAD}<workbook xmlns:r="${OFFICE}">${parts.workbook ?? ''}<sheets>${list.join('')}</sheets></workbook>`,
    },
    relationships('xl/workbook.xml', relations),
    ...sheets.map(({ xml }, i) => ({
      name: `xl/worksheets/sheet${i + 1}.xml`,
      content: `${HEAD}<worksheet>${xml}</worksheet>`,
    })),
    ...own,
    ...(parts.extra ?? []),
  ])
}

export interface PptxSlide {
  /** Inside of `<p:spTree>`; null: the slide's part is missing. */
  readonly xml: string | null
  readonly notes?: string
}

const P = `xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="${OFFICE}"`

/** Slides are stored in reverse, so that only the presentation's own order is theirs. */
export function pptxBytes(slides: readonly PptxSlide[], extra: readonly ZipEntry[] = []): Buffer {
  const fileOf = (i: number) => `slides/slide${slides.length - i}.xml`
  const ids = slides.map((_, i) => `<p:sldId id="${256 + i}" r:id="s${i}"/>`)
  const parts = slides.flatMap(({ xml, notes }, i): ZipEntry[] => {
    if (xml === null) return []
    const part = `ppt/${fileOf(i)}`
    const slide = { name: part, content: `${HEAD}<p:sld ${P}><p:cSld><p:spTree>${xml}</p:spTree></p:cSld></p:sld>` }
    if (notes === undefined) return [slide]
    const name = `ppt/notesSlides/notes${i}.xml`
    return [
      slide,
      relationships(part, [['n', 'notesSlide', `../notesSlides/notes${i}.xml`]]),
      { name, content: `${HEAD}<p:notes ${P}><p:cSld><p:spTree>${notes}</p:spTree></p:cSld></p:notes>` },
    ]
  })
  return packageOf('ppt/presentation.xml', 'presentationml.presentation', [
    {
      name: 'ppt/presentation.xml',
      content: `${HEAD}<p:presentation ${P}><p:sldIdLst>${ids.join('')}</p:sldIdLst></p:presentation>`,
    },
    relationships(
      'ppt/presentation.xml',
      slides.map((_, i) => [`s${i}`, 'slide', fileOf(i)]),
    ),
    ...parts,
    ...extra,
  ])
}

/** A shape of a slide; `place` is the type of its placeholder. */
export function slideShape(texts: readonly string[], place?: string): string {
  const paragraphs = texts.map((text) => `<a:p><a:r><a:t>${text}</a:t></a:r></a:p>`)
  const holder = place === undefined ? '' : `<p:ph type="${place}"/>`
  return `<p:sp><p:nvSpPr><p:nvPr>${holder}</p:nvPr></p:nvSpPr><p:txBody>${paragraphs.join('')}</p:txBody></p:sp>`
}

export interface EpubChapter {
  /** Null: the file is missing. */
  readonly html: string | null
  /** In the table of contents. */
  readonly title?: string
}

export function epubBytes(chapters: readonly EpubChapter[], extra: readonly ZipEntry[] = []): Buffer {
  const items = chapters.map(
    (_, i) => `<item id="c${i}" href="text/c%20${i}.xhtml" media-type="application/xhtml+xml"/>`,
  )
  const spine = chapters.map((_, i) => `<itemref idref="c${i}"/>`)
  const contents = chapters.map(({ title }, i) =>
    title === undefined ? '' : `<li><a href="text/c%20${i}.xhtml#top">${title}</a></li>`,
  )
  return zipBytes([
    { name: 'mimetype', content: 'application/epub+zip', method: 0 },
    {
      name: 'META-INF/container.xml',
      content: `${HEAD}<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>`,
    },
    {
      name: 'OEBPS/book.opf',
      content: `${HEAD}<package><manifest><item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>${items.join('')}</manifest><spine><itemref idref="nav"/>${spine.join('')}</spine></package>`,
    },
    {
      name: 'OEBPS/nav.xhtml',
      content: `${HEAD}<html><body><nav><ol>${contents.join('')}</ol></nav></body></html>`,
    },
    ...chapters.flatMap(({ html }, i) =>
      html === null ? [] : [{ name: `OEBPS/text/c ${i}.xhtml`, content: `${HEAD}<html><body>${html}</body></html>` }],
    ),
    ...extra,
  ])
}

const ODF = 'urn:oasis:names:tc:opendocument:xmlns'
const O = `xmlns:office="${ODF}:office:1.0" xmlns:text="${ODF}:text:1.0" xmlns:table="${ODF}:table:1.0" xmlns:style="${ODF}:style:1.0"`

export function odtBytes(
  text: string,
  parts: { styles?: string; prolog?: string; extra?: readonly ZipEntry[] } = {},
): Buffer {
  return zipBytes([
    { name: 'mimetype', content: 'application/vnd.oasis.opendocument.text', method: 0 },
    {
      name: 'content.xml',
      content: `${HEAD}${parts.prolog ?? ''}<office:document-content ${O}><office:automatic-styles>${parts.styles ?? ''}</office:automatic-styles><office:body><office:text>${text}</office:text></office:body></office:document-content>`,
    },
    ...(parts.extra ?? []),
  ])
}

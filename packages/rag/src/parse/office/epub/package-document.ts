import { ParseFailure } from '../../parsed-page.ts'
import { resolve } from '../relationships.ts'
import { tidyLine } from '../tidy.ts'
import { readXml } from '../xml-events.ts'
import type { ZipArchive } from '../zip-archive.ts'

export interface Chapter {
  readonly part: string
  /** As the table of contents names it. */
  readonly title: string | undefined
}

interface Item {
  readonly part: string | null
  readonly mediaType: string
  readonly isContents: boolean
}

const TEXTS = new Set(['application/xhtml+xml', 'text/html', 'application/x-dtbook+xml'])
/** Fonts are scrambled in books that anybody may read (EPUB 3.3, clause 4.3; Adobe's older way). */
const FONT_SCRAMBLING = new Set(['http://www.idpf.org/2008/embedding', 'http://ns.adobe.com/pdf/enc#RC'])
const MOST_CHAPTERS = 10_000

/**
 * The texts of a book in reading order (EPUB 3.3, OPF 2.0); navigation documents are left out, since they only repeat
 * titles. @throws ParseFailure `unsupported_type` for no book, `damaged` without a usable package document, `encrypted`
 * when texts are
 */
export async function chaptersOf(zip: ZipArchive): Promise<Chapter[]> {
  const opf = await packagePart(zip)
  const items = new Map<string, Item>()
  const spine: string[] = []
  const contents = new Set<string | null>()
  let ncx: string | undefined
  await readXml(zip.stream(opf), {
    open(name, attributes) {
      const href = attributes['href']
      const part = href === undefined ? null : resolve(opf, href)
      if (name === 'item' && attributes['id'] !== undefined)
        items.set(attributes['id'], {
          part,
          mediaType: attributes['media-type'] ?? '',
          isContents: (attributes['properties'] ?? '').split(/\s+/u).includes('nav'),
        })
      else if (name === 'spine') ncx = attributes['toc']
      else if (name === 'itemref') spine.push(attributes['idref'] ?? '')
      else if (name === 'reference' && attributes['type'] === 'toc') contents.add(part)
    },
  })
  const encrypted = await encryptedParts(zip)
  const nav = [...items.values()].find((item) => item.isContents)?.part
  const ncxPart = items.get(ncx ?? '')?.part ?? [...items.values()].find((item) => item.mediaType.includes('ncx'))?.part
  const titles = await titlesOf(zip, [ncxPart, nav])
  const chapters: Chapter[] = []
  for (const id of spine.slice(0, MOST_CHAPTERS)) {
    const item = items.get(id)
    if (item === undefined || item.isContents || contents.has(item.part) || !TEXTS.has(item.mediaType)) continue
    if (item.part !== null && encrypted.has(item.part)) throw new ParseFailure('encrypted')
    chapters.push({ part: item.part ?? '', title: titles.get(item.part ?? '') })
  }
  return chapters
}

async function packagePart(zip: ZipArchive): Promise<string> {
  let path: string | undefined
  if (!zip.has('META-INF/container.xml')) throw new ParseFailure('unsupported_type')
  await readXml(zip.stream('META-INF/container.xml'), {
    open(name, attributes) {
      if (name === 'rootfile') path ??= attributes['full-path']
    },
  })
  return resolve('', path ?? '') ?? ''
}

async function encryptedParts(zip: ZipArchive): Promise<Set<string>> {
  const parts = new Set<string>()
  if (!zip.has('META-INF/encryption.xml')) return parts
  let algorithm = ''
  await readXml(zip.stream('META-INF/encryption.xml'), {
    open(name, attributes) {
      if (name === 'EncryptedData') algorithm = ''
      else if (name === 'EncryptionMethod' && algorithm === '') algorithm = attributes['Algorithm'] ?? 'unknown'
      else if (name === 'CipherReference' && !FONT_SCRAMBLING.has(algorithm))
        parts.add(resolve('', attributes['URI'] ?? '') ?? '')
    },
  })
  return parts
}

/** Titles by part, from the contents of EPUB 2 (NCX) or EPUB 3; the first entry for a part names it. */
async function titlesOf(
  zip: ZipArchive,
  sources: readonly (string | null | undefined)[],
): Promise<Map<string, string>> {
  const titles = new Map<string, string>()
  for (const source of sources) {
    if (source == null || !zip.has(source) || titles.size > 0) continue
    try {
      await readXml(zip.stream(source), contentsHandler(source, titles))
    } catch (error) {
      // A book without titles is as readable.
      if (!(error instanceof ParseFailure) || error.code !== 'damaged') throw error
    }
  }
  return titles
}

function contentsHandler(source: string, titles: Map<string, string>) {
  let text = ''
  let inText = false
  let target: string | undefined
  const set = () => {
    const part = target === undefined ? null : resolve(source, target)
    const title = tidyLine(text)
    if (part !== null && part !== source && title !== '' && !titles.has(part)) titles.set(part, title)
  }
  return {
    open(name: string, attributes: Readonly<Partial<Record<string, string>>>) {
      if (name === 'navLabel' || name === 'a') {
        text = ''
        inText = true
        target = attributes['href']
      } else if (name === 'content') {
        target = attributes['src']
        set()
      }
    },
    text(piece: string) {
      if (inText) text += piece
    },
    close(name: string) {
      if (name !== 'navLabel' && name !== 'a') return
      inText = false
      if (name === 'a') set()
    },
  }
}

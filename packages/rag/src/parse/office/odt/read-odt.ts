import { ParseFailure, type ReadStep } from '../../parsed-page.ts'
import type { Source } from '../../source.ts'
import type { Piece } from '../../sections.ts'
import { stepsOf } from '../unit-steps.ts'
import { readXml, xmlItems, type Attributes, type XmlHandler } from '../xml-events.ts'
import { withZip, type ZipArchive } from '../zip-archive.ts'
import { bodyHandler } from './body.ts'
import { OdtLists } from './lists.ts'

/**
 * Reads an OpenDocument text (.odt) in sections, as its text stands: titles, paragraphs, lists with their numbers,
 * tables, notes after the paragraph that refers to them. Left out are headers and footers, comments, tracked deletions
 * and tables of contents; pictures are never opened.
 * @throws ParseFailure `damaged`, `encrypted`, `empty`, `no_text`, `unpacks_too_large`
 */
export const readOdt = (source: Source): AsyncGenerator<ReadStep> =>
  withZip(source, (zip) =>
    stepsOf(
      [{ pieces: piecesOf(zip) }],
      zip.names.some((name) => name.startsWith('Pictures/')),
    ),
  )

async function* piecesOf(zip: ZipArchive): AsyncGenerator<Piece> {
  if (await isEncrypted(zip)) throw new ParseFailure('encrypted')
  if (!zip.has('content.xml')) throw new ParseFailure('unsupported_type')
  const lists = new OdtLists()
  const parents = new Map<string, string>()
  if (zip.has('styles.xml')) await readXml(zip.stream('styles.xml'), stylesHandler(lists, parents))
  yield* xmlItems<Piece>(zip.stream('content.xml'), (emit) => contentHandler(lists, parents, emit))
}

/** A password locks each part; the manifest alone is in the clear and says so (ODF 1.3 part 2, 4.4). */
async function isEncrypted(zip: ZipArchive): Promise<boolean> {
  let found = false
  if (zip.has('META-INF/manifest.xml'))
    await readXml(zip.stream('META-INF/manifest.xml'), {
      open(name) {
        if (name === 'encryption-data') found = true
      },
    })
  return found
}

/** Which lists have numbers, and what styles are made from. */
function stylesHandler(lists: OdtLists, parents: Map<string, string>): XmlHandler {
  return {
    open(name: string, attributes: Attributes) {
      if (name === 'list-style') lists.defineStyle(attributes['name'] ?? '')
      else if (name === 'list-level-style-number') lists.defineLevel(true, attributes)
      else if (name === 'list-level-style-bullet') lists.defineLevel(false, attributes)
      else if (name === 'style' && attributes['parent-style-name'] !== undefined)
        parents.set(attributes['name'] ?? '', attributes['parent-style-name'])
    },
  }
}

function contentHandler(lists: OdtLists, parents: Map<string, string>, emit: (piece: Piece) => void): XmlHandler {
  const styles = stylesHandler(lists, parents)
  const body = bodyHandler(lists, parents, emit)
  let inBody = false
  return {
    open(name, attributes, relation) {
      if (name === 'body') inBody = true
      else if (inBody) body.open(name, attributes, relation)
      else styles.open(name, attributes, relation)
    },
    text: (text) => body.text?.(text),
    close(name) {
      if (name === 'body') inBody = false
      else if (inBody) body.close?.(name)
    },
  }
}

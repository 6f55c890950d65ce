import { TextDecoder } from 'node:util'
import { SaxesParser } from 'saxes'
import { ParseFailure } from '../parsed-page.ts'

/** Attributes by their name without prefix: writers choose prefixes freely, and OOXML's strict form has other namespaces. */
export type Attributes = Readonly<Partial<Record<string, string>>>

/** Names come without prefix. `relation` is an element's `r:id` (or `r:embed`), which would else hide a plain `id`. */
export interface XmlHandler {
  open(name: string, attributes: Attributes, relation: string | undefined): void
  close?(name: string): void
  text?(text: string): void
}

/** Deeper than any program writes; walkers keep a stack. */
const DEEPEST = 4_000
/** Bytes between two tags: a text, an attribute or a comment, which the parser holds whole. */
const MOST_BYTES_BETWEEN_TAGS = 32 * 1024 * 1024

/**
 * Parses XML as it is inflated and yields what the handler emits, in order; never more than what one piece of input
 * gives is held. Entities of a DTD, internal or external, are not defined: nothing is fetched and nothing expands, and a
 * reference to one makes the part damaged.
 * @throws ParseFailure `damaged` for XML that is not well-formed, is cut off or nests too deep; `unpacks_too_large`
 */
export async function* xmlItems<T>(
  chunks: AsyncIterable<Uint8Array>,
  handlerOf: (emit: (item: T) => void) => XmlHandler,
): AsyncGenerator<T> {
  let items: T[] = []
  let depth = 0
  let bytesSinceTag = 0
  const handler = handlerOf((item) => items.push(item))
  const parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false })
  parser.on('error', (cause) => {
    throw new ParseFailure('damaged', { cause })
  })
  parser.on('opentag', ({ name, attributes }) => {
    bytesSinceTag = 0
    if (++depth > DEEPEST) throw new ParseFailure('damaged', { cause: new Error('nested too deep') })
    const { plain, relation } = withoutPrefixes(attributes)
    handler.open(withoutPrefix(name), plain, relation)
  })
  parser.on('closetag', ({ name }) => {
    bytesSinceTag = 0
    depth--
    handler.close?.(withoutPrefix(name))
  })
  parser.on('text', (text) => handler.text?.(text))
  parser.on('cdata', (text) => handler.text?.(text))
  let decoder: TextDecoder | null = null
  /** Feeds the parser, and yields what came before the damage too. */
  const feed = function* (step: () => void): Generator<T> {
    let damage: { error: unknown } | null = null
    try {
      step()
    } catch (error) {
      damage = { error }
    }
    if (items.length > 0) {
      const ready = items
      items = []
      yield* ready
    }
    if (damage !== null) throw damage.error
  }
  for await (const chunk of chunks) {
    bytesSinceTag += chunk.length
    if (bytesSinceTag > MOST_BYTES_BETWEEN_TAGS) throw new ParseFailure('unpacks_too_large')
    const known = (decoder ??= decoderOf(chunk))
    yield* feed(() => parser.write(decoded(known, chunk)))
  }
  const last = decoder
  yield* feed(() => {
    if (last !== null) parser.write(decoded(last, null))
    parser.close()
  })
}

/** Parses XML of which nothing is yielded: the handler keeps what it wants. */
export async function readXml(chunks: AsyncIterable<Uint8Array>, handler: XmlHandler): Promise<void> {
  for await (const _ of xmlItems<never>(chunks, () => handler));
}

/** The whole text of a part that is read as HTML, which is not as strict: what is no character becomes U+FFFD. */
export const xmlText = (bytes: Uint8Array): string => new TextDecoder(decoderOf(bytes).encoding).decode(bytes)

const withoutPrefix = (name: string) => name.slice(name.indexOf(':') + 1)

function withoutPrefixes(attributes: Readonly<Record<string, string>>) {
  const plain: Record<string, string> = {}
  let relation: string | undefined
  for (const [name, value] of Object.entries(attributes)) {
    const own = withoutPrefix(name)
    const isPrefixed = own.length < name.length
    if (isPrefixed && (own === 'id' || own === 'embed')) relation = value
    else if (!isPrefixed || plain[own] === undefined) plain[own] = value
  }
  return { plain, relation }
}

/** By the byte order mark, the zero bytes of UTF-16, or the declaration (XML 1.0, appendix F); UTF-8 else. */
function decoderOf(start: Uint8Array): TextDecoder {
  const [first, second] = start
  const head = Buffer.from(start.subarray(0, 200)).toString('latin1')
  const declared = /^<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]{1,40})["']/u.exec(head)?.[1]
  const utf16 =
    (first === 0xff && second === 0xfe) || second === 0 ? 'utf-16le' : first === 0xfe || first === 0 ? 'utf-16be' : null
  try {
    return new TextDecoder(utf16 ?? declared ?? 'utf-8', { fatal: true })
  } catch (cause) {
    throw new ParseFailure('damaged', { cause })
  }
}

function decoded(decoder: TextDecoder, chunk: Uint8Array | null): string {
  try {
    return chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true })
  } catch (cause) {
    throw new ParseFailure('damaged', { cause })
  }
}

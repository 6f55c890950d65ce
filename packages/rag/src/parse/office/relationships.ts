import { ParseFailure } from '../parsed-page.ts'
import type { ZipArchive } from './zip-archive.ts'
import { readXml } from './xml-events.ts'

export interface Relationship {
  /** The last part of the type's address, e.g. `officeDocument`, `slide`, `notesSlide`. */
  readonly type: string
  /** Name of the entry that is pointed at. */
  readonly target: string
}

/**
 * What a part of an OOXML package points at, by id (ECMA-376 part 2, clause 9). Targets outside of the package, which
 * may name a file or an address, are left out: there is nothing to read there.
 */
export async function relationshipsOf(zip: ZipArchive, part: string): Promise<Map<string, Relationship>> {
  const slash = part.lastIndexOf('/') + 1
  const name = `${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`
  const found = new Map<string, Relationship>()
  if (!zip.has(name)) return found
  await readXml(zip.stream(name), {
    open(element, { Id: id, Type: type, Target: target, TargetMode: mode }) {
      if (element !== 'Relationship' || id === undefined || type === undefined || target === undefined) return
      const resolved = mode === 'External' ? null : resolve(part, target)
      if (resolved !== null) found.set(id, { type: type.slice(type.lastIndexOf('/') + 1), target: resolved })
    },
  })
  return found
}

/**
 * The main part: what the package's own relationships call the document, or `usual` when they are missing.
 * @throws ParseFailure `unsupported_type` for an archive of something else
 */
export async function mainPartOf(zip: ZipArchive, usual: string): Promise<string> {
  const relations = await relationshipsOf(zip, '')
  for (const { type, target } of relations.values()) if (type === 'officeDocument' && zip.has(target)) return target
  if (!zip.has(usual)) throw new ParseFailure('unsupported_type')
  return usual
}

/** An address in one entry as the name of another; null for one that leads out of the archive. */
export function resolve(from: string, address: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:/iu.test(address)) return null
  const [path = ''] = address.split(/[?#]/u)
  let decoded = path
  try {
    decoded = decodeURIComponent(path)
  } catch {
    // A name with a bare percent sign, as it is.
  }
  const parts = decoded.startsWith('/') ? [] : from.split('/').slice(0, -1)
  for (const part of decoded.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return null
    } else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

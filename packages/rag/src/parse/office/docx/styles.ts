import type { ZipArchive } from '../zip-archive.ts'
import { readXml } from '../xml-events.ts'

export interface ParagraphStyle {
  /** 1 (outermost) to 6 for a title. */
  readonly level: number | null
  readonly numId: string | null
  readonly listLevel: number
  /** A line of a table of contents: it repeats a title that stands elsewhere. */
  readonly isContents: boolean
}

interface Raw {
  name: string
  basedOn?: string
  outline?: number
  numId?: string
  listLevel?: number
}

/** Longer chains of styles are circles. */
const LONGEST_CHAIN = 12

/** Styles by id, each with what it takes over from those that it is based on. */
export async function stylesOf(zip: ZipArchive, part: string): Promise<(id: string) => ParagraphStyle> {
  const styles = new Map<string, Raw>()
  let style: Raw | null = null
  if (zip.has(part))
    await readXml(zip.stream(part), {
      open(name, { styleId, val }) {
        if (name === 'style') styles.set(styleId ?? '', (style = { name: '' }))
        if (style === null || val === undefined) return
        if (name === 'name') style.name = val.toLowerCase()
        else if (name === 'basedOn') style.basedOn = val
        else if (name === 'outlineLvl') style.outline = Number(val)
        else if (name === 'numId') style.numId = val
        else if (name === 'ilvl') style.listLevel = Number(val)
      },
      close(name) {
        if (name === 'style') style = null
      },
    })
  const known = new Map<string, ParagraphStyle>()
  return (id) => {
    const before = known.get(id)
    if (before !== undefined) return before
    const chain: Raw[] = []
    for (let at = styles.get(id); at !== undefined && chain.length < LONGEST_CHAIN; at = styles.get(at.basedOn ?? ''))
      chain.push(at)
    const first = <T>(pick: (raw: Raw) => T | undefined) => chain.map(pick).find((value) => value !== undefined)
    const resolved = {
      level: levelOf(first(({ outline }) => outline)) ?? levelByName(chain[0]?.name ?? id.toLowerCase()),
      numId: first(({ numId }) => numId) ?? null,
      listLevel: first(({ listLevel }) => listLevel) ?? 0,
      isContents: /^toc ?\d$/u.test(chain[0]?.name ?? ''),
    }
    known.set(id, resolved)
    return resolved
  }
}

/** `outlineLvl` counts from 0; 9 is body text (ECMA-376, 17.3.1.20). */
export const levelOf = (outline: number | undefined): number | null =>
  outline === undefined || !(outline >= 0 && outline < 9) ? null : Math.min(6, outline + 1)

/** Built-in styles have English names in every language of Word. */
function levelByName(name: string): number | null {
  if (name === 'title') return 1
  const level = /^heading ?([1-9])$/u.exec(name)?.[1]
  return level === undefined ? null : Math.min(6, Number(level))
}

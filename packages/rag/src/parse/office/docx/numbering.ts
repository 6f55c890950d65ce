import type { ZipArchive } from '../zip-archive.ts'
import { readXml } from '../xml-events.ts'

interface Level {
  start: number
  format: string
  /** `%1.%2.`: numbers of this level and those above. */
  text: string
}

export interface Numbering {
  /** The number or bullet of the next paragraph of a list: `3.`, `2.1`, `a)`, `-`; '' where the list shows none. */
  mark(numId: string, level: number): string
}

const DEEPEST = 9
const LONGEST_MARK = 24

/** Counts the lists of a document as Word does: per definition and level; a number ends all deeper ones (ECMA-376, 17.9). */
export async function numberingOf(zip: ZipArchive, part: string): Promise<Numbering> {
  const definitions = new Map<string, Map<number, Level>>()
  const lists = new Map<string, { definition: string; starts: Map<number, number> }>()
  if (zip.has(part)) await readDefinitions(zip, part, definitions, lists)
  const counters = new Map<string, number[]>()
  const started = new Set<string>()

  return {
    mark(numId, depth) {
      const list = lists.get(numId)
      const levels = definitions.get(list?.definition ?? '')
      const level = levels?.get(depth)
      if (list === undefined || levels === undefined || level === undefined || depth >= DEEPEST) return '-'
      const counts = counters.get(list.definition) ?? []
      counters.set(list.definition, counts)
      const restart = started.has(`${numId} ${depth}`) ? undefined : list.starts.get(depth)
      started.add(`${numId} ${depth}`)
      const before = counts[depth]
      counts[depth] = restart ?? (before === undefined ? level.start : before + 1)
      counts.length = depth + 1
      if (level.format === 'bullet') return '-'
      if (level.format === 'none') return ''
      const text = level.text.replace(/%([1-9])/gu, (_, digit: string) => {
        const at = Number(digit) - 1
        const other = levels.get(at)
        return numeral(counts[at] ?? other?.start ?? 1, other?.format ?? 'decimal')
      })
      return text.trim().slice(0, LONGEST_MARK)
    },
  }
}

async function readDefinitions(
  zip: ZipArchive,
  part: string,
  definitions: Map<string, Map<number, Level>>,
  lists: Map<string, { definition: string; starts: Map<number, number> }>,
): Promise<void> {
  let levels: Map<number, Level> | null = null
  let level: Level | null = null
  let list: { definition: string; starts: Map<number, number> } | null = null
  let overridden = 0
  await readXml(zip.stream(part), {
    open(name, { abstractNumId, numId, ilvl, val }) {
      switch (name) {
        case 'abstractNum':
          definitions.set(abstractNumId ?? '', (levels = new Map()))
          return
        case 'num':
          lists.set(numId ?? '', (list = { definition: '', starts: new Map() }))
          return
        case 'lvl':
          level = { start: 1, format: 'decimal', text: '' }
          if (list === null) levels?.set(Number(ilvl), level)
          return
        case 'abstractNumId':
          if (list !== null) list.definition = val ?? ''
          return
        case 'lvlOverride':
          overridden = Number(ilvl)
          return
        case 'startOverride':
          list?.starts.set(overridden, Number(val))
          return
        case 'start':
          if (level !== null) level.start = Number(val)
          return
        case 'numFmt':
          // Chinese, Hebrew and the like as the numbers that they are.
          if (level !== null) level.format = val ?? 'decimal'
          return
        case 'lvlText':
          if (level !== null) level.text = val ?? ''
      }
    },
    close(name) {
      if (name === 'num') list = null
      else if (name === 'lvl') level = null
    },
  })
}

function numeral(value: number, format: string): string {
  const count = Number.isSafeInteger(value) ? value : 0
  switch (format) {
    case 'lowerLetter':
      return letters(count)
    case 'upperLetter':
      return letters(count).toUpperCase()
    case 'lowerRoman':
      return roman(count)
    case 'upperRoman':
      return roman(count).toUpperCase()
    case 'decimalZero':
      return String(count).padStart(2, '0')
    default:
      return String(count)
  }
}

/** After z Word writes aa, bb, cc. */
const letters = (count: number) =>
  count < 1 || count > 260 ? String(count) : String.fromCharCode(97 + ((count - 1) % 26)).repeat(Math.ceil(count / 26))

const ROMAN = [
  [1000, 'm'],
  [900, 'cm'],
  [500, 'd'],
  [400, 'cd'],
  [100, 'c'],
  [90, 'xc'],
  [50, 'l'],
  [40, 'xl'],
  [10, 'x'],
  [9, 'ix'],
  [5, 'v'],
  [4, 'iv'],
  [1, 'i'],
] as const

function roman(count: number): string {
  if (count < 1 || count > 3999) return String(count)
  let text = ''
  let left = count
  for (const [value, sign] of ROMAN) for (; left >= value; left -= value) text += sign
  return text
}

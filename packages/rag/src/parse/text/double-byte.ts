/**
 * The double-byte encodings of East Asia were laid out by frequency: the common characters of a language stand in known
 * rows, told by the first byte. So the rows that a text uses tell whether it was written in the encoding, however short
 * it is. (JIS X 0208, GB 2312 and Big5 levels 1 and 2; KS X 1001 syllables.)
 */
interface Layout {
  /** Bytes that stand alone beyond ASCII. */
  readonly single?: readonly [from: number, to: number, score: number]
  /** First bytes, inclusive, with what a character of theirs says for the encoding; others are rare. */
  readonly rows: readonly (readonly [from: number, to: number, score: number])[]
  /** Second bytes from here on belong to the original standard; lower ones to rare extensions. */
  readonly standardFrom: number
}

const RARE = -0.6
const LAYOUTS: Readonly<Record<string, Layout>> = {
  shift_jis: {
    // Narrow katakana: only terminals of the eighties wrote running text in it.
    single: [0xa1, 0xdf, -0.2],
    rows: [
      [0x81, 0x81, 0.9],
      [0x82, 0x83, 1],
      [0x88, 0x97, 0.9],
      [0x98, 0x9f, -0.2],
      [0xe0, 0xea, -0.3],
    ],
    standardFrom: 0x40,
  },
  'euc-jp': {
    rows: [
      [0xa1, 0xa1, 0.9],
      [0xa3, 0xa3, 0.7],
      [0xa4, 0xa5, 1],
      [0xb0, 0xcf, 0.85],
      [0xd0, 0xf4, -0.3],
    ],
    standardFrom: 0xa1,
  },
  gb18030: {
    rows: [
      [0xa1, 0xa3, 0.8],
      [0xb0, 0xd7, 0.9],
      [0xd8, 0xf7, -0.1],
    ],
    standardFrom: 0xa1,
  },
  big5: {
    rows: [
      [0xa1, 0xa3, 0.8],
      [0xa4, 0xc6, 0.9],
      [0xc9, 0xf9, -0.2],
    ],
    standardFrom: 0x40,
  },
  'euc-kr': {
    rows: [
      [0xa1, 0xa3, 0.4],
      [0xb0, 0xc8, 0.95],
      [0xca, 0xfd, -0.5],
    ],
    standardFrom: 0xa1,
  },
}

/** Labels of the Encoding Standard. */
export const DOUBLE_BYTE: readonly string[] = Object.keys(LAYOUTS)

/** −1 to 1: how common the characters beyond ASCII are; null for an encoding that is none of these. */
export function scoreDoubleByte(label: string, bytes: Uint8Array): number | null {
  const layout = LAYOUTS[label]
  if (layout === undefined) return null
  let sum = 0
  let count = 0
  for (let at = 0; at < bytes.byteLength; at++) {
    const first = bytes[at] ?? 0
    if (first <= 0x7f) continue
    count++
    const { single } = layout
    if (single !== undefined && first >= single[0] && first <= single[1]) {
      sum += single[2]
      continue
    }
    const second = bytes[++at] ?? layout.standardFrom
    const row = layout.rows.find(([from, to]) => first >= from && first <= to)
    sum += row === undefined || second < layout.standardFrom ? RARE : row[2]
  }
  return count === 0 ? 0 : sum / count
}

export type MarkedPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'marker'; readonly marker: number }

const MARKER = /\[\^(\d{1,4})\]/g

/** Cuts text at its citation markers `[^n]`. The parts, written out again, are the text. */
export const splitMarkers = (text: string): MarkedPart[] => {
  const parts: MarkedPart[] = []
  let from = 0
  for (const match of text.matchAll(MARKER)) {
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) })
    parts.push({ kind: 'marker', marker: Number(match[1]) })
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) })
  return parts
}

/** The text without its markers, for copying; the blank before a marker goes with it. */
export const withoutMarkers = (text: string): string => text.replace(/ ?\[\^\d{1,4}\]/g, '')

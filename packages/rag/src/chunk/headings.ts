/** A document may nest deeper; a path of more titles helps nobody. */
const DEEPEST = 6
const LONGEST_TITLE = 200

/** The titles that the text stands under, as a reader goes down the pages. */
export interface HeadingTrail {
  /** @param adjacent no text since the last title: “Chapter 2” and “Prerequisites” are then one. */
  enter(level: number, title: string, adjacent: boolean): void
  path(): string[]
}

export function headingTrail(): HeadingTrail {
  let entries: { level: number; title: string }[] = []
  return {
    enter(level, title, adjacent) {
      const text = title.replace(/\s+/gu, ' ').trim().slice(0, LONGEST_TITLE).toWellFormed()
      const last = entries.at(-1)
      if (adjacent && last?.level === level && !/^[\d§]/u.test(text)) {
        entries = [
          ...entries.slice(0, -1),
          { level, title: `${last.title} ${text}`.slice(0, LONGEST_TITLE).toWellFormed() },
        ]
        return
      }
      entries = [...entries.filter((entry) => entry.level < level), { level, title: text }].slice(0, DEEPEST)
    },
    path: () => entries.map((entry) => entry.title),
  }
}

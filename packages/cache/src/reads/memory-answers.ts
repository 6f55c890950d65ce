export interface MemoryAnswersOptions {
  readonly mostBytes: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

interface Entry {
  readonly text: string
  readonly until: number
}

/** JavaScript keeps a character in two bytes at most; the rest of an entry is a few pointers. */
const bytesOf = (key: string, text: string): number => 2 * (key.length + text.length) + 100

/** Answers in memory, by bytes: what was not used for longest goes first. One answer takes a tenth of it at most. */
export const createMemoryAnswers = ({ mostBytes, now }: MemoryAnswersOptions) => {
  const entries = new Map<string, Entry>()
  let bytes = 0

  const remove = (key: string): void => {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    bytes -= bytesOf(key, entry.text)
  }

  return {
    get: (key: string): string | null => {
      const entry = entries.get(key)
      if (entry === undefined) return null
      if (entry.until <= now()) {
        remove(key)
        return null
      }
      // A Map remembers the order of insertion.
      entries.delete(key)
      entries.set(key, entry)
      return entry.text
    },
    put: (key: string, text: string, until: number): void => {
      remove(key)
      const size = bytesOf(key, text)
      if (size > mostBytes / 10 || until <= now()) return
      entries.set(key, { text, until })
      bytes += size
      for (const oldest of entries.keys()) {
        if (bytes <= mostBytes) break
        remove(oldest)
      }
    },
    get bytes() {
      return bytes
    },
  }
}

export type MemoryAnswers = ReturnType<typeof createMemoryAnswers>

import { openJson, type JsonAnswer } from './envelope.ts'

export interface MemoryAnswersOptions {
  readonly mostBytes: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

interface Entry {
  readonly text: string
  readonly until: number
  /** What is in it, once somebody has asked for that; null: no answer. */
  json?: JsonAnswer | null
}

/** JavaScript keeps a character in two bytes at most; the rest of an entry is a few pointers. */
const bytesOf = (key: string, { text, json }: Entry): number =>
  2 * (key.length + text.length + (json?.text.length ?? 0)) + 100

/** Answers in memory, by bytes: what was not used for longest goes first. One answer takes a tenth of it at most. */
export const createMemoryAnswers = ({ mostBytes, now }: MemoryAnswersOptions) => {
  const entries = new Map<string, Entry>()
  let bytes = 0

  const remove = (key: string): void => {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    bytes -= bytesOf(key, entry)
  }

  const makeRoom = (): void => {
    for (const oldest of entries.keys()) {
      if (bytes <= mostBytes) break
      remove(oldest)
    }
  }

  const find = (key: string): Entry | null => {
    const entry = entries.get(key)
    if (entry === undefined) return null
    if (entry.until <= now()) {
      remove(key)
      return null
    }
    // A Map remembers the order of insertion.
    entries.delete(key)
    entries.set(key, entry)
    return entry
  }

  return {
    get: (key: string): string | null => find(key)?.text ?? null,
    /** What is in an envelope, as JSON: taken out of it once, however often it is asked for. */
    json: (key: string): JsonAnswer | null => {
      const entry = find(key)
      if (entry === null) return null
      if (entry.json !== undefined) return entry.json
      const before = bytesOf(key, entry)
      entry.json = openJson(entry.text)
      bytes += bytesOf(key, entry) - before
      makeRoom()
      return entry.json
    },
    put: (key: string, text: string, until: number): void => {
      remove(key)
      const entry = { text, until }
      const size = bytesOf(key, entry)
      if (size > mostBytes / 10 || until <= now()) return
      entries.set(key, entry)
      bytes += size
      makeRoom()
    },
    get bytes() {
      return bytes
    },
  }
}

export type MemoryAnswers = ReturnType<typeof createMemoryAnswers>

import { createHash } from 'node:crypto'

/** Numbers that look random and are the same in every run: one stream per name. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number
  /** 0 ≤ i < below */
  integer(below: number): number
  /** From `from` to `to`, both included. */
  between(from: number, to: number): number
  pick<T>(list: readonly T[]): T
  /** 0 ≤ i < below, where 0 is about `below` times as frequent as the last: Zipf's law with exponent 1. */
  rank(below: number): number
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded by a hash of the name. */
export function createRandom(name: string): Random {
  const hash = createHash('sha256').update(name).digest()
  let a = hash.readInt32LE(0)
  let b = hash.readInt32LE(4)
  let c = hash.readInt32LE(8)
  let counter = 1
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }
  const integer = (below: number) => Math.floor(next() * below)
  return {
    next,
    integer,
    between: (from, to) => from + integer(to - from + 1),
    pick: (list) => {
      const found = list[integer(list.length)]
      if (found === undefined) throw new RangeError('nothing to pick from')
      return found
    },
    rank: (below) => Math.min(below - 1, Math.floor((below + 1) ** next()) - 1),
  }
}

/** A UUIDv7 of a moment (milliseconds), the rest out of `random`: ids sort by their moments, as real ones do. */
export function seededId(random: Random, at: number): string {
  const time = at.toString(16).padStart(12, '0')
  const part = (digits: number) =>
    random
      .integer(16 ** digits)
      .toString(16)
      .padStart(digits, '0')
  const variant = (8 + random.integer(4)).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${part(3)}-${variant}${part(3)}-${part(6)}${part(6)}`
}

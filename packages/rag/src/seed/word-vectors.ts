import type { EmbeddingIdentity } from '@quarry/config'
import { createRandom } from './random.ts'
import { ENGLISH_DOMAINS, GERMAN_DOMAINS } from './vocabulary.ts'

/** Vectors of the seed's texts: no model is run, and no search asks for it unless it brings a vector itself. */
export const SEED_EMBEDDING: EmbeddingIdentity = { id: 'seed/words-512@1', dimension: 512 }

/** How much the words of one domain have in common. */
const DOMAIN_SHARE = 0.6
/** Four decimals: more than a half keeps of a number of this size. */
const SCALE = 10_000

const domainOf = new Map<string, string>(
  [...ENGLISH_DOMAINS, ...GERMAN_DOMAINS].flatMap(({ name, nouns }) =>
    nouns.map((noun) => [noun.replace(/^(?:der|die|das) /u, '').toLowerCase(), name] as const),
  ),
)
const known = new Map<string, Float32Array>()

/**
 * The vectors of real models fill a few dozen directions of their many dimensions, which is what an index of nearest
 * neighbours lives on: these fill so many.
 */
const AXES = 48
const axes = Array.from({ length: AXES }, (_, axis) => {
  const random = createRandom(`axis ${axis}`)
  return Float32Array.from({ length: SEED_EMBEDDING.dimension }, () => random.next() - 0.5)
})

/** A direction of its own for each word, near those of its domain. */
function wordVector(word: string): Float32Array {
  const found = known.get(word)
  if (found !== undefined) return found
  const domain = domainOf.get(word) ?? domainOf.get(word.replace(/s$/u, ''))
  const own = shares(`word ${word}`)
  const shared = domain === undefined ? null : shares(`domain ${domain}`)
  const vector = new Float32Array(SEED_EMBEDDING.dimension)
  for (const [i, axis] of axes.entries()) {
    const share = shared === null ? (own[i] ?? 0) : (own[i] ?? 0) * (1 - DOMAIN_SHARE) + (shared[i] ?? 0) * DOMAIN_SHARE
    for (let d = 0; d < vector.length; d++) vector[d] = (vector[d] ?? 0) + share * (axis[d] ?? 0)
  }
  known.set(word, vector)
  return vector
}

/** How much of each axis a name has. */
function shares(name: string): number[] {
  const random = createRandom(name)
  return Array.from({ length: AXES }, () => random.next() * 2 - 1)
}

/**
 * The vector of a text, of length 1: the sum of its words', so that texts about the same things are near each other. The
 * same text has the same vector always. Words of fewer than four letters only join others.
 */
export function seedVector(text: string): number[] {
  const sum = new Float32Array(SEED_EMBEDDING.dimension)
  for (const [word] of text.toLowerCase().matchAll(/\p{L}{4,}/gu)) {
    const vector = wordVector(word)
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0)
  }
  let squares = 0
  for (const value of sum) squares += value * value
  const length = Math.sqrt(squares) || 1
  return Array.from(sum, (value) => Math.round((value / length) * SCALE) / SCALE)
}

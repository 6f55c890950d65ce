import { behaviourOf } from '../../../packages/rag/src/model/testing/llm-double/behaviour.ts'

/** What the double of the tests does not have: stamps on tokens, and the size of vectors. */
const STAMPED = 'stamped'
const SEED = 'seed'
const DIMENSION = /^dim(\d+)$/
/** A small embedding model's. */
const DEFAULT_DIMENSION = 384

const known = new Map()

/**
 * What a model's name asks for; the same names as those of the tests' double (behaviour.ts), without its faults, and:
 * `stamped`: each token carries the time at which it was sent, as ` t<milliseconds of the epoch>`; `dim<n>`: numbers of
 * a vector; `seed`: the vectors that `quarry db seed` gives texts. `ttft<ms>` is also what an embedding takes. Throws on a part that is not known.
 *
 * @param {string} model
 */
export const modelNamed = (model) => {
  let found = known.get(model)
  if (found === undefined) {
    const parts = model.split('-')
    const own = (part) => part === STAMPED || part === SEED || DIMENSION.test(part)
    const behaviour = behaviourOf(parts.filter((part) => !own(part)).join('-'))
    if (behaviour.fault !== null) throw new Error('This double has no faults: take the one of the tests')
    const dimension = Number(parts.map((part) => DIMENSION.exec(part)?.[1]).find(Boolean) ?? DEFAULT_DIMENSION)
    found = { ...behaviour, stamped: parts.includes(STAMPED), seeded: parts.includes(SEED), dimension }
    known.set(model, found)
  }
  return found
}

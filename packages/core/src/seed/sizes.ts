/** The smallest organisation's passages: one that search by meaning could lose among large ones. */
const SMALLEST = 50
/** So many of the organisations are small ones, each half as large as the one before or less. */
const SMALL_SHARE = 1 / 5

/**
 * Passages of each organisation, the largest first, `chunks` in all: by Zipf's law (of 50, the first has a fifth), and
 * falling to 50 at the end. None has more than `most`.
 */
export function organisationSizes(organisations: number, chunks: number, most: number): number[] {
  const large = organisations - Math.floor(organisations * SMALL_SHARE)
  const weights = Array.from({ length: large }, (_, i) => 1 / (i + 1))
  const least = Math.max(1, Math.min(SMALLEST, Math.floor(chunks / organisations / 2)))
  const start = (chunks / (Math.log(large) + 1)) * (weights.at(-1) ?? 1)
  const small = organisations - large
  const ends = Array.from({ length: small }, (_, i) =>
    Math.max(least, Math.round(start * (least / start) ** ((i + 1) / small))),
  )
  const sizes = shareOut(chunks - sum(ends), weights, most)
  return [...sizes, ...ends].toSorted((a, b) => b - a)
}

/** `total` in whole numbers by weight, at least 1 and at most `most` each; what is over goes to the first with room. */
export function shareOut(total: number, weights: readonly number[], most = Number.POSITIVE_INFINITY): number[] {
  const shares = weights.map(() => 0)
  let left = total
  // Each round fills at least one up to `most`, or ends.
  for (let open = weights.map((_, i) => i); left > 0 && open.length > 0;) {
    const weight = sum(open.map((i) => weights[i] ?? 0))
    const given = left
    for (const i of open) {
      const wanted = Math.max(shares[i] === 0 ? 1 : 0, Math.floor((given * (weights[i] ?? 0)) / weight))
      const taken = Math.min(wanted, most - (shares[i] ?? 0), left)
      shares[i] = (shares[i] ?? 0) + taken
      left -= taken
    }
    if (left === given) {
      const first = open[0] ?? 0
      shares[first] = (shares[first] ?? 0) + 1
      left--
    }
    open = open.filter((i) => (shares[i] ?? 0) < most)
  }
  return shares
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

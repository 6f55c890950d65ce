/** A half has 11 significant bits: so many decimal digits lose nothing, and the text stays short. */
const DIGITS = 5

/** A vector as pgvector reads it. */
export const vectorText = (vector: readonly number[]): string =>
  `[${vector.map((value) => Number(value.toPrecision(DIGITS))).join(',')}]`

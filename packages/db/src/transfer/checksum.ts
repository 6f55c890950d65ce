/**
 * Count and checksum of a set of rows: the sums of both halves of each row's MD5, modulo 2^64. Sums, because two databases
 * may sort the same texts differently (their collations), and because they grow batch by batch.
 */
export interface RowSum {
  readonly rows: number
  /** 32 hex digits. */
  readonly checksum: string
}

export const NO_ROWS: RowSum = { rows: 0, checksum: '0'.repeat(32) }

const hex64 = (value: bigint): string => BigInt.asUintN(64, value).toString(16).padStart(16, '0')
const halves = (hex: string): [bigint, bigint] => [BigInt(`0x${hex.slice(0, 16)}`), BigInt(`0x${hex.slice(16)}`)]

/** Adds rows, given by the MD5 of each in hex. */
export const addRows = (sum: RowSum, digests: readonly string[]): RowSum => {
  let [left, right] = halves(sum.checksum)
  for (const digest of digests) {
    const [a, b] = halves(digest)
    left += a
    right += b
  }
  return { rows: sum.rows + digests.length, checksum: hex64(left) + hex64(right) }
}

export const isSame = (a: RowSum, b: RowSum): boolean => a.rows === b.rows && a.checksum === b.checksum

/** The same computed by PostgreSQL over a query that gives the MD5 of each row as `m`. */
export const sumOver = (digests: string): string => `
  select count(*)::text as rows,
    coalesce(sum(('x' || left(m, 16))::bit(64)::bigint::numeric), 0)::text as a,
    coalesce(sum(('x' || right(m, 16))::bit(64)::bigint::numeric), 0)::text as b
  from (${digests}) digests`

export const readSum = (row: { readonly rows: string; readonly a: string; readonly b: string } | undefined): RowSum =>
  row === undefined ? NO_ROWS : { rows: Number(row.rows), checksum: hex64(BigInt(row.a)) + hex64(BigInt(row.b)) }

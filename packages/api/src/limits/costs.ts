import type { ApiMeta } from '../trpc.ts'

/** What a call takes out of its caller's bucket, and out of the organisation's. A token is what a question costs. */
export interface Cost {
  readonly caller: number
  readonly organisation: number
}

/**
 * Against 60 tokens a minute of a caller and 1000 an hour of an organisation, as configured where nobody said
 * otherwise: 240 reads, 60 changes or 60 questions a minute, and 1000 questions an hour. The organisation pays for what
 * costs money or a worker's time; a read costs milliseconds, and looking at what is there should never be what runs out.
 */
export const COSTS = {
  read: { caller: 0.25, organisation: 0 },
  change: { caller: 1, organisation: 0.1 },
  /** Opening it: a reader comes back once a minute, and what is sent later is nobody's call. */
  stream: { caller: 0.25, organisation: 0 },
  /** With a model for the query's meaning, and two indexes. From the cache it costs the organisation nothing. */
  search: { caller: 0.5, organisation: 0.1 },
  /** The model writes for half a minute. */
  question: { caller: 1, organisation: 1 },
  /** Stopping what costs a lot is cheap, so that nobody has to wait for it. */
  stop: { caller: 0.25, organisation: 0 },
  /** The end of an upload, whose bytes were charged already: with them 300 small files a minute, more than a worker reads. */
  arrival: { caller: 0.1, organisation: 0 },
  /** One row by its id, which a client asks for again and again while it waits. */
  look: { caller: 0.05, organisation: 0 },
} as const satisfies Record<string, Cost>

const OF_KIND = {
  query: COSTS.read,
  mutation: COSTS.change,
  subscription: COSTS.stream,
} as const satisfies Record<string, Cost>

export type ProcedureKind = keyof typeof OF_KIND

/** What a procedure costs: what it says, or what its kind does. */
export const costOf = (kind: ProcedureKind, meta: ApiMeta | undefined): Cost => meta?.cost ?? OF_KIND[kind]

/** What is charged before a call, and what the organisation pays when the answer has to be computed. */
export interface Charges {
  readonly before: Cost
  readonly onMiss: number
}

/** What comes from the cache costs the organisation nothing, so that a cached query is paid for where it is computed. */
export const chargesOf = (kind: ProcedureKind, meta: ApiMeta | undefined): Charges => {
  const cost = costOf(kind, meta)
  if (meta?.cache === undefined) return { before: cost, onMiss: 0 }
  return { before: { ...cost, organisation: 0 }, onMiss: cost.organisation }
}

/** Of a caller's minute of 60: 480 MiB, which takes longer than that over most lines. */
const BYTES_PER_TOKEN = 8 * 1024 * 1024
/** A small file is still a call. */
const SMALLEST = 0.1

/** What so many bytes of an upload cost; each has to be parsed and kept. */
export const uploadCost = (bytes: number): Cost => {
  const caller = Math.max(SMALLEST, bytes / BYTES_PER_TOKEN)
  return { caller, organisation: caller / 10 }
}

/** A viewer reads a PDF in ranges of 64 kB, dozens for a page: twenty a second at most. */
const SMALLEST_RANGE = 0.05

/** What so many bytes of a stored file cost: four times less than sending them. */
export const downloadCost = (bytes: number): Cost => ({
  caller: Math.max(SMALLEST_RANGE, bytes / (4 * BYTES_PER_TOKEN)),
  organisation: 0,
})

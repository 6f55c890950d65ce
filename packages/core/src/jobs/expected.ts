import type { Line } from './line.ts'

export interface Standing {
  readonly state: string
  readonly sizeClass: number | null
  /** Jobs that will be taken up before it; null where that cannot be told. */
  readonly ahead: number | null
  readonly startedAt: Date | null
  /** 0–100, of the job that runs. */
  readonly progress: number | null
}

/** A job that is about to end is not told to have ended. */
const LEAST_MS = 1000

/**
 * How long it takes until a job has ended, in ms, by how long such jobs took: those before it share the places. Null
 * where there is nothing to go by, and while nobody works.
 */
export const remainingMs = (standing: Standing, line: Line, now: Date): number | null => {
  const usual = line.tookMs.get(null) ?? null
  const own = line.tookMs.get(standing.sizeClass) ?? usual
  if (standing.state === 'running') return remainingOfRunning(standing, own, now)
  if (own === null || usual === null || standing.ahead === null) return null
  if (line.places === 0 || line.pausedAt !== null) return null
  // With a place free it begins at once; else the first to end makes room, after half of its time.
  const untilFree = line.running < line.places ? 0 : usual / 2 / line.places
  return Math.max(LEAST_MS, untilFree + (standing.ahead * usual) / line.places + own)
}

const remainingOfRunning = ({ startedAt, progress }: Standing, usual: number | null, now: Date): number | null => {
  if (startedAt === null) return null
  const elapsed = now.getTime() - startedAt.getTime()
  if (usual !== null && elapsed < usual) return Math.max(LEAST_MS, usual - elapsed)
  // It takes longer than such files do: by how far it has got.
  return progress !== null && progress > 0 ? Math.max(LEAST_MS, (elapsed * (100 - progress)) / progress) : null
}

/**
 * How many jobs of anybody are taken up before one that waits for its organisation's turn, `ownBefore` of its own
 * before it: those in the line, and of each organisation as many as have their turn until then.
 */
export const aheadOfWaiting = (ownBefore: number, { queued, othersWaiting }: Line): number =>
  queued + ownBefore + othersWaiting.reduce((sum, waiting) => sum + Math.min(waiting, ownBefore), 0)

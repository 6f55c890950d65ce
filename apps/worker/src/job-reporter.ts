/** Stages of a small file follow each other within a second; each note is a transaction and a line to readers. */
const EVERY_MS = 500
/** Within a stage only its progress changes. */
const SAME_STAGE_EVERY_MS = 2_000

interface Place {
  readonly stage: string
  readonly progress: number | null
}

export interface JobReporter {
  readonly report: (stage: string, progress?: number) => void
  /** Resolves when nothing more is written. */
  stop(): Promise<void>
}

/**
 * Writes where a job is, in bounded intervals and never two notes at a time: of those in between the newest stays.
 * @param lost called once when the job turns out to be another worker's
 */
export const createJobReporter = (
  write: (stage: string, progress: number | null) => Promise<boolean>,
  lost: () => void,
): JobReporter => {
  let next: Place | null = null
  let written: Place | null = null
  let writtenAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let stopped = false

  const writeNext = async (): Promise<void> => {
    if (next === null) return
    const place = next
    next = null
    writtenAt = performance.now()
    try {
      if (!(await write(place.stage, place.progress))) lost()
      written = place
    } catch {
      // The database is away, which the job itself is told soon; the next note says it all again.
    }
    running = null
    plan()
  }
  const plan = (): void => {
    if (stopped || next === null || running !== null || timer !== null) return
    if (next.stage === written?.stage && next.progress === written.progress) return void (next = null)
    const every = next.stage === written?.stage ? SAME_STAGE_EVERY_MS : EVERY_MS
    timer = setTimeout(
      () => {
        timer = null
        if (!stopped) running = writeNext()
      },
      Math.max(0, writtenAt + every - performance.now()),
    )
    timer.unref()
  }

  return {
    report: (stage, progress) => {
      next = { stage, progress: progress ?? null }
      // A new stage does not wait behind the progress of the one before.
      if (timer !== null && stage !== written?.stage) {
        clearTimeout(timer)
        timer = null
      }
      plan()
    },
    stop: async () => {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}

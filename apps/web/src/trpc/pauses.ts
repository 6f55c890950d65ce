/** What waits in this tab until the server takes it again. */
export interface Pause {
  /** Why, in a sentence. */
  readonly message: string
  /** When the first of those that wait goes on, and since when something has been waiting; by `performance.now()`. */
  readonly until: number
  readonly since: number
}

export interface Pauses {
  /** Null when nothing waits. The same object until something changes. */
  readonly get: () => Pause | null
  readonly subscribe: (listener: () => void) => () => void
  /** Runs `goOn` after so many ms, unless the returned function is called before. */
  readonly wait: (message: string, ms: number, goOn: () => void) => () => void
}

/** What goes on may be refused once more: until then it is one pause, and what is shown does not flicker. */
const LINGER_MS = 600

export const createPauses = (): Pauses => {
  const waiting = new Set<{ readonly message: string; readonly until: number }>()
  const listeners = new Set<() => void>()
  let current: Pause | null = null
  let lingering: ReturnType<typeof setTimeout> | undefined

  const show = (pause: Pause | null) => {
    current = pause
    for (const listener of listeners) listener()
  }
  const changed = () => {
    clearTimeout(lingering)
    const [first] = [...waiting].toSorted((a, b) => a.until - b.until)
    if (first === undefined) lingering = setTimeout(() => show(null), LINGER_MS)
    else show({ ...first, since: current?.since ?? performance.now() })
  }
  return {
    get: () => current,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    wait: (message, ms, goOn) => {
      const one = { message, until: performance.now() + ms }
      waiting.add(one)
      const leave = () => {
        clearTimeout(timer)
        if (waiting.delete(one)) changed()
      }
      const timer = setTimeout(() => {
        leave()
        goOn()
      }, ms)
      changed()
      return leave
    },
  }
}

/** Of this tab: calls and uploads wait here. */
export const pauses = createPauses()

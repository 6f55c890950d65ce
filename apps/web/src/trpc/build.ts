/** Whether the servers run a newer release than this page was loaded from. */
export interface BuildWatch {
  readonly isOld: () => boolean
  readonly subscribe: (listener: () => void) => () => void
  /** Looks at an answer of the API's, whatever came of it. */
  readonly look: (answer: Pick<Response, 'headers' | 'status'>) => void
}

/** On each answer of the API's: entry/answer-headers.ts. */
export const BUILD_HEADER = 'x-quarry-build'
/** What a page of another release runs into: a procedure that is not there, an input of another shape. */
const OF_ANOTHER_RELEASE: ReadonlySet<number> = new Set([400, 404, 405, 207])

const madeAt = (build: string): number => Number(build.split('.', 1)[0])

/**
 * While replicas are replaced both releases answer: an older one than the page's own is soon gone, and no reason to say
 * anything, unless it refuses what the page asks for.
 *
 * @param own the build that the page came with; empty where it is not known, and nothing is ever said
 */
export const createBuildWatch = (own: () => string): BuildWatch => {
  const listeners = new Set<() => void>()
  let old = false
  return {
    isOld: () => old,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    look: ({ headers, status }) => {
      const theirs = headers.get(BUILD_HEADER) ?? ''
      const ours = own()
      if (old || theirs === '' || ours === '' || theirs === ours) return
      if (!(madeAt(theirs) > madeAt(ours)) && !OF_ANOTHER_RELEASE.has(status)) return
      old = true
      for (const listener of listeners) listener()
    },
  }
}

/** Of this page: the document says which build made it. */
export const buildWatch = createBuildWatch(() =>
  typeof document === 'undefined' ? '' : (document.documentElement.dataset.build ?? ''),
)

/** `fetch` that looks at each answer on its way. */
export const watchedFetch: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init)
  buildWatch.look(answer)
  return answer
}

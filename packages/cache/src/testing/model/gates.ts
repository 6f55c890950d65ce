/** What happens to a step that waits: it goes on, or fails before or after it had its effect. */
export type Fate = 'on' | 'lost' | 'unheard'

interface Gate {
  readonly owner: number
  readonly open: (fate: Fate) => void
}

/**
 * The schedule of a model run: every step that another process could come in between waits at a gate, and the test
 * decides which one goes on. So an interleaving is a list of numbers, which can be repeated and made shorter.
 */
export const createGates = () => {
  let gates: Gate[] = []
  let running = 0

  return {
    /** Waits here until it is let on. What a process that has crashed waits for never happens. */
    wait: (owner: number): Promise<Fate> => new Promise((open) => gates.push({ owner, open })),
    /** Work of the real world (a command to Redis) that has to end before the next step. */
    during: async <T>(work: () => Promise<T>): Promise<T> => {
      running++
      try {
        return await work()
      } finally {
        running--
      }
    },
    /** Lets one go on: the n-th that waits, counted around. Whose it was; undefined where none waits. */
    open: (n: number, fate: Fate): number | undefined => {
      const gate = gates[n % gates.length]
      if (gate === undefined) return undefined
      gates = gates.filter((one) => one !== gate)
      gate.open(fate)
      return gate.owner
    },
    /** Lets on what a process came to last. False where it waits for nothing. */
    openLast: (owner: number): boolean => {
      const gate = gates.findLast((one) => one.owner === owner)
      gates = gates.filter((one) => one !== gate)
      gate?.open('on')
      return gate !== undefined
    },
    crash: (owner: number): void => {
      gates = gates.filter((gate) => gate.owner !== owner)
    },
    /** Until everything waits at a gate, or is over. */
    settle: async (): Promise<void> => {
      for (let quiet = 0; quiet < 2; quiet = running === 0 ? quiet + 1 : 0)
        await new Promise((resolve) => setImmediate(resolve))
    },
    get waiting() {
      return gates.length
    },
  }
}

export type Gates = ReturnType<typeof createGates>

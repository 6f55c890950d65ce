import { setTimeout as pause } from 'node:timers/promises'

/** An answer takes ten seconds or so; nobody waits for longer than that. */
const MOST_MS = 120_000

/**
 * So many people who each ask, read the answer to its end, and ask again.
 *
 * @param {Awaited<ReturnType<typeof import('./scene.mjs').startScene>>} scene
 * @param {{ people: number, overMs: number }} options they begin one after the other within `overMs`
 */
export const startCrowd = (scene, { people, overMs }) => {
  const leaving = new AbortController()
  const opened = []
  const answers = []
  const failed = []
  const person = async (number) => {
    await pause((overMs * number) / people)
    while (!leaving.signal.aborted) {
      try {
        const signal = AbortSignal.timeout(MOST_MS)
        answers.push(await scene.answer({ signal, onOpen: (why) => opened.push({ why, at: Date.now() }) }))
      } catch (error) {
        failed.push(`${new Date().toISOString()} ${error.cause?.code ?? ''} ${error.message}`)
        // Whoever cannot ask looks at the sentence for a moment.
        await pause(500)
      }
    }
  }
  const all = Promise.all(Array.from({ length: people }, (_, i) => person(i)))
  return {
    opened,
    answers,
    failed,
    /** Lets everybody finish reading what they have asked. */
    stop: async () => {
      leaving.abort()
      await all
    },
  }
}

/** How many came back for `why` in the busiest second, and in all. @param {{ why: string, at: number }[]} opened */
export const comingBack = (opened, why) => {
  const times = opened.filter((one) => why.test(one.why)).map(({ at }) => at)
  let busiest = 0
  for (const [i, at] of times.entries()) {
    let count = 1
    for (let next = i + 1; next < times.length && times[next] < at + 1_000; next++) count++
    busiest = Math.max(busiest, count)
  }
  return { all: times.length, busiest }
}

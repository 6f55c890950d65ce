import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCrowd } from '../../bench/roll/crowd.mjs'
import { startScene } from '../../bench/roll/scene.mjs'
import { waitUntil } from '../fixtures/product/index.ts'

/** Two replicas, an answer of six seconds: the short form of `npm run bench -- roll`. */
const REPLICAS = 2
const PEOPLE = 6
const PER_SECOND = 20
const ANSWER = { words: 60, betweenTokensMs: 100 }
/** A replica has ended by then, streams and all. */
const EXIT_SECONDS = 30

let scene: Awaited<ReturnType<typeof startScene>>

beforeAll(async () => {
  scene = await startScene({ replicas: REPLICAS, ...ANSWER })
})
afterAll(() => scene.stop())

/** Requests and readers while something happens; what became of them. */
const during = async (work: () => Promise<void>) => {
  const ask = () => scene.answer({ signal: AbortSignal.timeout(60_000) })
  const [undisturbed, other] = await Promise.all([ask(), ask()])
  const requests = scene.requests(PER_SECOND, [undisturbed.conversationId, other.conversationId])
  const crowd = startCrowd(scene, { people: PEOPLE, overMs: 1_000 })
  await waitUntil('all of them read', 30_000, () => crowd.opened.length >= PEOPLE)
  await work()
  await crowd.stop()
  return { undisturbed, crowd, counts: await requests.stop(), samples: requests.samples }
}

describe('check 12: a rolling restart', () => {
  it('is noticed by nobody who asks or reads along', async () => {
    const before = await scene.replicas()
    const said: string[] = []
    const { undisturbed, crowd, counts, samples } = await during(() =>
      scene.supervisor('roll', {}, (line: string) => void said.push(line)),
    )
    const after = await scene.replicas()
    expect(after.map(({ name, ready }) => [name, ready])).toEqual(before.map(({ name }) => [name, true]))
    expect(after.filter(({ pid }) => before.some((old) => old.pid === pid))).toEqual([])
    expect(samples).toEqual([])
    expect(counts).toMatchObject({ resets: 0, serverErrors: 0, refused: 0 })
    expect(crowd.failed).toEqual([])
    expect(crowd.opened.filter(({ why }) => why === 'move').length, 'control: readers were moved').toBeGreaterThan(0)
    expect(crowd.opened.filter(({ why }) => why === 'broken')).toEqual([])
    for (const { state, text } of crowd.answers) expect([state, text]).toEqual(['complete', undisturbed.text])
    const left = said.flatMap((line) => /left after ([\d.]+) s/.exec(line)?.[1] ?? []).map(Number)
    expect(left).toHaveLength(REPLICAS + 1)
    expect(Math.max(...left)).toBeLessThanOrEqual(EXIT_SECONDS)
  })

  it('mutation: a replica that dies instead of leaving is seen by its readers, who come back; reads go to another', async () => {
    const { undisturbed, crowd, counts } = await during(async () => {
      const [victim] = await scene.replicas()
      if (victim === undefined) throw new Error('no replica')
      process.kill(victim.pid, 'SIGKILL')
      await waitUntil('it is there again', 60_000, async () =>
        (await scene.replicas()).every(({ pid, ready }) => ready && pid !== victim.pid),
      )
    })
    expect(crowd.opened.filter(({ why }) => why === 'broken').length).toBeGreaterThan(0)
    expect(counts.resets).toBe(0)
    for (const { state, text } of crowd.answers) expect([state, text]).toEqual(['complete', undisturbed.text])
  })

  it('control: a build that is none is refused, and all stay', async () => {
    const before = await scene.replicas()
    await expect(scene.supervisor('roll', { build: '/nowhere' })).rejects.toThrow('is no checkout of Quarry')
    expect((await scene.replicas()).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid))
  })
})

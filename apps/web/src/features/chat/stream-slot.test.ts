import { expect, it, vi } from 'vitest'
import { takeTurns } from './stream-slot.ts'

interface Request {
  readonly name: string
  readonly grant: () => void
}

/**
 * Web Locks of one browser (https://w3c.github.io/web-locks/): whoever asked first for a name gets it first, and a
 * request that is aborted leaves the line. Node's own keep such a request, and grant it.
 */
const createLocks = () => {
  const held = new Set<string>()
  let pending: Request[] = []
  const grantNext = () => {
    for (const request of [...pending]) {
      if (held.has(request.name)) continue
      held.add(request.name)
      pending = pending.filter((one) => one !== request)
      request.grant()
    }
  }
  const request = async (name: string, { signal }: { signal: AbortSignal }, callback: () => Promise<void>) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const mine: Request = { name, grant: resolve }
    pending.push(mine)
    signal.addEventListener('abort', () => {
      pending = pending.filter((one) => one !== mine)
      reject(new DOMException('aborted', 'AbortError'))
    })
    // Never in the same moment: the answer comes from another process.
    setImmediate(grantNext)
    await promise
    try {
      await callback()
    } finally {
      held.delete(name)
      setImmediate(grantNext)
    }
  }
  const query = () =>
    Promise.resolve({ held: [...held].map((name) => ({ name })), pending: pending.map(({ name }) => ({ name })) })
  return { request, query }
}

/** Tabs that want to follow; each counts how often it has begun. */
const setUp = (count: number) => {
  const locks = createLocks()
  let open = 0
  let most = 0
  const turns = Array.from({ length: count }, () => 0)
  const leaving = turns.map((_, tab) =>
    takeTurns(
      {
        follow: () => {
          most = Math.max(most, ++open)
          turns[tab] = (turns[tab] ?? 0) + 1
          return () => void open--
        },
      },
      locks,
    ),
  )
  return { locks, turns, open: () => open, most: () => most, leave: (tab: number) => leaving[tab]?.() }
}

it('lets four tabs follow at once, and all of them in turns', async () => {
  const { locks, turns, open, most, leave } = setUp(7)
  await expect.poll(open).toBe(4)
  await vi.waitFor(() => expect(turns.every((count) => count > 0)).toBe(true), { timeout: 20_000 })
  expect(most()).toBe(4)
  for (const tab of turns.keys()) leave(tab)
  await expect.poll(open).toBe(0)
  await expect.poll(() => locks.query()).toEqual({ held: [], pending: [] })
})

it('keeps its turn where nobody waits', async () => {
  const { turns, open, leave } = setUp(2)
  await expect.poll(open).toBe(2)
  // Longer than a turn.
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect(turns).toEqual([1, 1])
  leave(0)
  leave(1)
})

it('gives its place to one who waits', async () => {
  const { turns, open, leave } = setUp(5)
  await expect.poll(open).toBe(4)
  const first = turns.findIndex((count) => count === 1)
  leave(first)
  await expect.poll(() => turns.filter((count) => count > 0).length, { timeout: 1_000 }).toBe(5)
  for (const tab of turns.keys()) leave(tab)
})

it('needs no locks', () => {
  const leave = vi.fn<() => void>()
  const over = takeTurns({ follow: () => leave }, null)
  over()
  expect(leave).toHaveBeenCalledOnce()
})

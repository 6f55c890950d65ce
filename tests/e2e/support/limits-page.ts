import { expect, type BrowserContext, type Page } from '@playwright/test'

/** What the server said of a limit in its last answer that named it. */
export interface Left {
  readonly remaining: number
  readonly quota: number
}

/** How the limits of a browser's person stood in every answer. */
export interface LimitWatch {
  /** Answers with 429. */
  readonly refused: () => readonly string[]
  /** The least that was ever left of a policy; null before an answer has named it. */
  readonly least: (policy: 'user' | 'organisation') => Left | null
  readonly calls: () => ReadonlyMap<string, number>
}

const ITEM = /"(\w+)";([^,]*)/g
const parameter = (text: string, name: string): number => Number(new RegExp(`(?:^|;)${name}=(\\d+)`).exec(text)?.[1])

/** Reads `RateLimit` and `RateLimit-Policy` of every answer. */
export const watchLimits = (context: BrowserContext): LimitWatch => {
  const refused: string[] = []
  const least = new Map<string, Left>()
  const calls = new Map<string, number>()
  context.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (!pathname.startsWith('/api/')) return
    const names = pathname.startsWith('/api/trpc/')
      ? pathname.slice('/api/trpc/'.length).split(',')
      : [request.method()]
    for (const name of names) calls.set(name, (calls.get(name) ?? 0) + 1)
  })
  context.on('response', (response) => {
    if (response.status() === 429) refused.push(response.url())
    const headers = response.headers()
    const quotas = new Map(
      [...(headers['ratelimit-policy'] ?? '').matchAll(ITEM)].map(([, name = '', rest = '']) => [
        name,
        parameter(rest, 'q'),
      ]),
    )
    for (const [, name = '', rest = ''] of (headers['ratelimit'] ?? '').matchAll(ITEM)) {
      const remaining = parameter(rest, 'r')
      const known = least.get(name)
      if (known === undefined || remaining < known.remaining)
        least.set(name, { remaining, quota: quotas.get(name) ?? Number.NaN })
    }
  })
  return { refused: () => refused, least: (policy) => least.get(policy) ?? null, calls: () => calls }
}

export const pauseNotice = (page: Page) => page.getByTestId('pause-notice')

/** The seconds that the notice counts down. */
export const secondsLeft = async (page: Page): Promise<number> =>
  Number(/in (\d+) seconds?\./.exec((await pauseNotice(page).textContent()) ?? '')?.[1] ?? Number.NaN)

/** Asks the API from the page, as the person, until a limit refuses it. */
export const useUp = async (page: Page): Promise<void> => {
  const status = await page.evaluate(async () => {
    // More than any limit of a test.
    for (let call = 0; call < 1000; call++) {
      const { status } = await fetch('/api/trpc/session.me')
      if (status !== 200) return status
    }
    return 200
  })
  expect(status).toBe(429)
}

import { expect, type BrowserContext } from '@playwright/test'

/** What a browser did that no test expects: errors on its console, exceptions, requests to anybody but the product. */
export interface Watch {
  /** An error that a test provokes, such as a page that is not found. */
  readonly allow: (message: RegExp) => void
  /** Fails if there was anything. */
  readonly verify: () => void
}

/** Addresses that never leave the browser. */
const LOCAL = /^(data|blob|about):/

export const watch = (context: BrowserContext, origin: string): Watch => {
  const problems: string[] = []
  const allowed: RegExp[] = []
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => problems.push(`exception: ${error.error().stack ?? error.error().message}`))
  context.on('request', (request) => {
    if (!LOCAL.test(request.url()) && new URL(request.url()).origin !== origin)
      problems.push(`request: ${request.url()}`)
  })
  return {
    allow: (message) => allowed.push(message),
    verify: () => expect(problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem)))).toEqual([]),
  }
}

/** Keeps the text of every answer that a browser receives. */
export const receivedBodies = (context: BrowserContext): (() => Promise<readonly { url: string; text: string }[]>) => {
  const bodies: Promise<{ url: string; text: string } | undefined>[] = []
  context.on('response', (response) => {
    // A stream does not end while its page is open; what it announces is fetched, and seen then.
    if (response.headers()['content-type']?.includes('event-stream')) return
    const body = response.text().then(
      (text) => ({ url: response.url(), text }),
      // A redirect, or an answer to a page that has gone, has no body to read.
      () => undefined,
    )
    bodies.push(body)
  })
  return async () => (await Promise.all(bodies)).filter((body) => body !== undefined)
}

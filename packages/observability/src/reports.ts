import { randomUUID } from 'node:crypto'

/** One thing that nobody foresaw: where in the code, and our own sentence about it. */
export interface Report {
  readonly error: unknown
  /** As it is logged; a fixed sentence of the code. */
  readonly sentence: string
  readonly level: 'error' | 'fatal'
  readonly requestId?: string
}

declare global {
  // A bundler may load this module twice in one process.
  var quarryReport: ((report: Report) => void) | undefined
}

/** One fault repeats itself: more a minute tell nothing new, and cost whoever pays by the event. */
const MOST_PER_MINUTE = 30
const MINUTE_MS = 60_000
const SEND_TIMEOUT_MS = 5_000
/** `at name (file:line:column)`, or without a name. */
const FRAME = /^\s+at (?:async )?(?:(.+?) \()?(.+?):(\d+):(\d+)\)?$/
/** A name of code; what else may stand there, such as a key of an object, is left out. */
const NAME = /^[\w.$<>#[\] ]{1,100}$/

/**
 * Sends reports to Sentry, in its envelope protocol: a POST of three lines, for which its own library would bring nine
 * megabytes and hooks into half of Node. The message of an error may quote a document, an address or a name; so what is
 * sent is its class, its code, the frames of its stack, our sentence, and the build. Throws TypeError for a bad DSN.
 */
export const openReports = (dsn: string, { kind, build }: { readonly kind: string; readonly build: string }): void => {
  const { url, key } = addressOf(dsn)
  let minute = 0
  let sent = 0
  let quietUntil = 0
  const send = async (report: Report): Promise<void> => {
    const eventId = randomUUID().replaceAll('-', '')
    const event = {
      ...{ event_id: eventId, timestamp: Date.now() / 1000, platform: 'node', level: report.level, release: build },
      tags: { process: kind, ...(report.requestId !== undefined && { request_id: report.requestId }) },
      exception: { values: [exceptionOf(report)] },
    }
    const lines = [{ event_id: eventId, sent_at: new Date().toISOString() }, { type: 'event' }, event]
    const response = await fetch(url, {
      method: 'POST',
      body: lines.map((line) => JSON.stringify(line)).join('\n'),
      headers: {
        'content-type': 'application/x-sentry-envelope',
        'x-sentry-auth': `Sentry sentry_version=7, sentry_client=quarry/1, sentry_key=${key}`,
      },
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    })
    await response.body?.cancel()
    if (response.status === 429) quietUntil = Date.now() + (Number(response.headers.get('retry-after')) || 60) * 1000
  }
  globalThis.quarryReport = (report) => {
    const now = Date.now()
    if (now < quietUntil) return
    if (now - minute >= MINUTE_MS) [minute, sent] = [now, 0]
    if (++sent > MOST_PER_MINUTE) return
    // It stands in the log; a report of a report that was lost would help nobody.
    send(report).catch(() => undefined)
  }
}

/** Ends it: for tests. */
export const closeReports = (): void => {
  globalThis.quarryReport = undefined
}

export const report = (what: Report): void => globalThis.quarryReport?.(what)

const addressOf = (dsn: string): { url: string; key: string } => {
  const { protocol, host, pathname, username } = new URL(dsn)
  const [, folder = '', project] = /^(.*)\/(\d+)$/.exec(pathname) ?? []
  if (project === undefined || username === '') throw new TypeError('SENTRY_DSN is not https://<key>@<host>/<project>')
  return { url: `${protocol}//${host}${folder}/api/${project}/envelope/`, key: username }
}

const exceptionOf = ({ error, sentence }: Report) => {
  const isError = error instanceof Error
  const code =
    isError && 'code' in error && typeof error.code === 'string' && /^\w{1,40}$/.test(error.code) ? error.code : null
  return {
    type: isError && NAME.test(error.name) ? error.name : 'Error',
    value: code === null ? sentence : `${sentence} (${code})`,
    ...(isError && { stacktrace: { frames: framesOf(error.stack ?? '') } }),
  }
}

/** The oldest call first, as Sentry wants them. */
const framesOf = (stack: string) =>
  stack
    .split('\n')
    .flatMap((line) => {
      const [, name, file = '', lineno, colno] = FRAME.exec(line) ?? []
      if (lineno === undefined || !/^(?:file:\/\/|node:|\/|[A-Z]:\\)/.test(file)) return []
      const inApp = !file.startsWith('node:') && !file.includes('node_modules')
      const filename = file.split(/[/\\]/).slice(-4).join('/')
      return {
        ...(name !== undefined && NAME.test(name) && { function: name }),
        filename,
        lineno: Number(lineno),
        colno: Number(colno),
        in_app: inApp,
      }
    })
    .toReversed()

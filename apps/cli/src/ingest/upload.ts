import { setTimeout as delay } from 'node:timers/promises'
import { ERRORS, uploadStatus } from '@quarry/contracts'
import { CommandFailure } from '../failure.ts'
import type { Connection } from '../server/connection.ts'
import { appErrorIn, isTransient, maySoonPass, retryAfterMs } from '../server/errors.ts'
import type { ServerError } from '../server/errors.ts'

export type UploadBody = NonNullable<RequestInit['body']>

/** Bytes that can be read again from any offset. */
export interface ByteSource {
  readonly sizeBytes: number
  /** A body of the bytes from `offset` to the end, read as it is sent. */
  readonly open: (offset: number) => Promise<UploadBody>
}

/** The part of a connection that bytes go over. */
export type UploadRoute = Pick<Connection, 'request' | 'signal' | 'patience'>

/** Attempts without a single byte of progress before an upload is given up: about half a minute with the pauses below. */
const MAX_IDLE_ATTEMPTS = 8
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 8000

/**
 * Sends the bytes of a ticket, and goes on after a broken connection from the offset that the server has. `onSent` gets
 * the bytes that are safely stored. Throws CommandFailure when the server refuses or stays away.
 */
export const upload = async (
  connection: UploadRoute,
  ticket: string,
  source: ByteSource,
  onSent: (bytes: number) => void = () => undefined,
): Promise<void> => {
  const path = `/api/uploads/${ticket}`
  const { signal } = connection
  let offset = 0
  let resuming = false
  let idleAttempts = 0
  let waitedMs = 0
  for (;;) {
    const before = offset
    try {
      if (resuming) offset = await storedOffset(connection, path)
      onSent(offset)
      if (!resuming || offset < source.sizeBytes) offset = await put(connection, path, source, offset)
      onSent(offset)
      if (offset >= source.sizeBytes) return
      throw new UploadInterrupted('The server did not take all of the bytes.')
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof UploadInterrupted || isTransient(error))) throw error
      resuming = true
      if (offset > before) waitedMs = 0
      const limit = error instanceof UploadInterrupted && error.refusal?.code === 'rate_limited' ? error.refusal : null
      if (limit !== null) {
        if (!(await connection.patience.wait(limit.message, retryAfterMs(limit), waitedMs))) throw error
        waitedMs += retryAfterMs(limit)
        continue
      }
      idleAttempts = offset > before ? 0 : idleAttempts + 1
      if (idleAttempts >= MAX_IDLE_ATTEMPTS) throw error
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** idleAttempts, LONGEST_PAUSE_MS)
      await delay(pauseMs * (0.5 + Math.random()), undefined, { signal })
    }
  }
}

/** The server answered that it cannot take the bytes now, or has others than we thought: ask it and go on. */
class UploadInterrupted extends Error {
  readonly refusal: ServerError | null
  constructor(message: string, refusal: ServerError | null = null) {
    super(message)
    this.refusal = refusal
  }
}

const put = async (connection: UploadRoute, path: string, source: ByteSource, offset: number): Promise<number> => {
  const response = await connection.request(`${path}?offset=${offset}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: await source.open(offset),
    // Streams can be sent only half-duplex (Fetch Standard, RequestInit.duplex).
    duplex: 'half',
  })
  return statusIn(response)
}

const storedOffset = async (connection: UploadRoute, path: string): Promise<number> => {
  const response = await connection.request(path, { method: 'HEAD' })
  const header = response.headers.get('upload-offset')
  if (response.ok && header !== null && /^\d+$/u.test(header)) return Number(header)
  return statusIn(response)
}

/** The answer to a HEAD has no body, but a header that says how long. */
const limitIn = ({ status, headers }: Response): ServerError | null => {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  if (status !== 429 || !Number.isFinite(seconds)) return null
  return { code: 'rate_limited', ...ERRORS.rate_limited, requestId: '', details: { retryAfterSeconds: seconds } }
}

/** Conflict (another offset), rate limit and restart of the server are passing; every other refusal is final. */
const PASSING = new Set([408, 409, 429, 500, 502, 503, 504])

const statusIn = async (response: Response): Promise<number> => {
  const body: unknown = await response.json().catch(() => null)
  const status = uploadStatus.safeParse(body)
  if (response.ok && status.success) return status.data.offset
  const app = appErrorIn(body) ?? limitIn(response)
  const message =
    app === null ? `The upload was answered with HTTP ${response.status}.` : `${app.message} ${app.action}`
  const passes = PASSING.has(response.status) && (app?.code !== 'unavailable' || maySoonPass(app))
  throw passes ? new UploadInterrupted(message, app) : new CommandFailure(message)
}

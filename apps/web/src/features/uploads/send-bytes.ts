import { type AppErrorShape, uploadStatus, type VersionId } from '@quarry/contracts'
import { isShape } from '../../trpc/api-error.ts'
import { isSwitchedOff } from '../../trpc/retry-policy.ts'

/** The server refuses these bytes, and would again. */
export class UploadRefused extends Error {
  override readonly name = 'UploadRefused'
  readonly action: string
  constructor(message: string, action: string) {
    super(message)
    this.action = action
  }
}

/** The connection broke, or the server takes no more for now; what arrived is kept, and the rest can follow. */
export class UploadInterrupted extends Error {
  override readonly name = 'UploadInterrupted'
  /** The server's own words, with how long it wants to be left alone. */
  readonly refusal: AppErrorShape | null
  constructor(message: string, options: { cause?: unknown; refusal?: AppErrorShape | null } = {}) {
    super(message, { cause: options.cause })
    this.refusal = options.refusal ?? null
  }
}

const address = (ticket: VersionId) => `/api/uploads/${ticket}`

const isTransient = (status: number) =>
  status === 0 || status === 408 || status === 409 || status === 429 || status >= 500

/** How many bytes the server has. Throws UploadInterrupted where it cannot say. */
export const storedBytes = async (ticket: VersionId, signal: AbortSignal): Promise<number> => {
  const response = await fetch(address(ticket), { method: 'HEAD', signal }).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw new UploadInterrupted('no answer', { cause })
  })
  if (!response.ok) throw new UploadInterrupted(String(response.status))
  const offset = Number(response.headers.get('upload-offset'))
  return Number.isSafeInteger(offset) ? offset : 0
}

/**
 * Sends a file from an offset to its end in one request; the browser reads it piece by piece.
 * XMLHttpRequest, because fetch does not report how much was sent. Returns how many bytes the server has then.
 * Throws UploadRefused, UploadInterrupted, or the signal's reason.
 */
export const sendBytes = (
  ticket: VersionId,
  file: File,
  offset: number,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', abort)
      finish()
    }
    request.open('PUT', `${address(ticket)}?offset=${offset}`)
    request.responseType = 'json'
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.addEventListener('progress', (event) => onSent(offset + event.loaded))
    request.addEventListener('load', () =>
      settle(() => {
        const answer: unknown = request.response
        if (request.status >= 200 && request.status < 300) {
          resolve(uploadStatus.parse(answer).offset)
          return
        }
        const refusal = isShape(answer) ? answer : null
        if (isTransient(request.status) && !(refusal && isSwitchedOff(refusal)))
          reject(new UploadInterrupted(String(request.status), { refusal }))
        else reject(new UploadRefused(refusal?.message ?? String(request.status), refusal?.action ?? ''))
      }),
    )
    request.addEventListener('error', () => settle(() => reject(new UploadInterrupted('network'))))
    request.addEventListener('abort', () => settle(() => reject(signal.reason as Error)))
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    request.send(file.slice(offset))
  })

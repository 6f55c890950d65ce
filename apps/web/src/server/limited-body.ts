import { AppError } from '@quarry/contracts'
import { MOST_BODY_BYTES } from '../entry/request-limits.ts'

/** The same request with its body read. Throws AppError('too_large') as soon as it is, whatever Content-Length says. */
export const withLimitedBody = async (request: Request): Promise<Request> => {
  if (request.method !== 'POST') return request
  const { url, method, headers, signal } = request
  return new Request(url, { method, headers, signal, body: await readLimitedBody(request) })
}

const readLimitedBody = async (request: Request): Promise<string> => {
  const refused = () => new AppError('too_large', { message: 'The request is too large.' })
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BODY_BYTES) throw refused()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > MOST_BODY_BYTES) throw refused()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

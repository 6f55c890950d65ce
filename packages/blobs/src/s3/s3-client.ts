import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import type { BlobAdapter } from '@quarry/config'
import { AppError } from '@quarry/contracts'
import { elementOf } from './s3-xml.ts'

export type S3Adapter = Extract<BlobAdapter, { kind: 's3' }>

/** What the store refused, in a sentence for the operator. Carries no key and no header. */
export class S3Refusal extends Error {
  readonly status: number
  /** Amazon's code, such as NoSuchBucket; empty when the answer had none. */
  readonly code: string
  constructor(status: number, code: string, bucket: string) {
    super(`The S3 store answered ${status}${code === '' ? '' : ` ${code}`}${adviceFor(status, code, bucket)}`)
    this.name = 'S3Refusal'
    this.status = status
    this.code = code
  }
}

const adviceFor = (status: number, code: string, bucket: string): string => {
  if (code === 'NoSuchBucket') return `: make the bucket ${bucket}, or set BLOB_URL to another one`
  if (code === 'SignatureDoesNotMatch' || code === 'InvalidAccessKeyId')
    return ': check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY'
  if (code === 'RequestTimeTooSkewed') return ': the clock of this machine is wrong'
  if (code === 'AuthorizationHeaderMalformed' || status === 301) return ': check S3_REGION and S3_ENDPOINT'
  if (status === 403) return `: the key may not do this in the bucket ${bucket}`
  return ''
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Path inside the bucket; empty for the bucket itself. */
  readonly key: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
  /** Statuses besides 2xx that the caller deals with. */
  readonly accept?: readonly number[]
}

export interface S3Client {
  /** The answer, its body unread. Throws AppError('unavailable') with the reason as its cause. */
  send(request: S3Request): Promise<Response>
  readonly bucket: string
}

/** An attempt: a part of 8 MiB takes this long at 2 Mbit/s. */
const ATTEMPT_MS = 30_000
/** With the pauses below (0.1, 0.2, 0.4, 0.8 s and a random part) a store that restarts is waited for, and no longer than a person waits. */
const ATTEMPTS = 5
const FIRST_PAUSE_MS = 100

/** Signs requests (AWS Signature Version 4) and sends them; again when the network or the store stumbles. */
export const createS3Client = (adapter: S3Adapter): S3Client => {
  const aws = new AwsClient({
    accessKeyId: adapter.accessKeyId,
    secretAccessKey: adapter.secretAccessKey,
    region: adapter.region,
    service: 's3',
    retries: 0,
  })
  const base = baseUrlOf(adapter)
  const attempt = async ({ method, key, query = {}, headers = {}, body }: S3Request): Promise<Response> => {
    // Not URLSearchParams: it writes a blank as `+`, which is signed as another character.
    const search = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='))
    const url = `${base}${key === '' ? '' : `/${encodeKey(key)}`}${search.length === 0 ? '' : `?${search.join('&')}`}`
    const sha256 = createHash('sha256')
      .update(body ?? '')
      .digest('hex')
    // With the digest in the signature the store refuses a body that was changed on its way.
    const init = { method, headers: { ...headers, 'x-amz-content-sha256': sha256 }, ...(body && { body }) }
    const timer = new AbortController()
    const timeout = setTimeout(() => timer.abort(new Error(`no answer in ${ATTEMPT_MS / 1000} s`)), ATTEMPT_MS)
    try {
      const signed = await aws.sign(url, init)
      return await fetch(signed, { signal: timer.signal, redirect: 'manual' })
    } finally {
      clearTimeout(timeout)
    }
  }
  return {
    bucket: adapter.bucket,
    send: async (request) => {
      for (let tries = 1; ; tries++) {
        const outcome = await attempt(request).catch((error: unknown) => networkFailure(error, base))
        if (outcome instanceof Response && (outcome.ok || request.accept?.includes(outcome.status) === true))
          return outcome
        const reason = outcome instanceof Response ? await refusalOf(outcome, adapter.bucket) : outcome
        if (tries === ATTEMPTS || !isPassing(reason)) throw new AppError('unavailable', { cause: reason })
        await pause(pauseMs(tries))
      }
    },
  }
}

/** Doubling, and random within it, so that many callers do not come back at once. */
export const pauseMs = (tries: number): number => FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random())

/** Too many requests, a stumbling server, or a network that broke: another attempt can succeed. */
const isPassing = (reason: Error): boolean =>
  !(reason instanceof S3Refusal) || reason.status === 429 || reason.status >= 500 || reason.code === 'RequestTimeout'

const refusalOf = async (response: Response, bucket: string): Promise<S3Refusal> => {
  const text = await response.text().catch(() => '')
  return new S3Refusal(response.status, elementOf(text, 'Code') ?? '', bucket)
}

const networkFailure = (error: unknown, base: string): Error => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  return new Error(`The S3 store at ${new URL(base).origin} cannot be reached: ${reason}`)
}

const baseUrlOf = ({ endpoint, bucket, pathStyle }: S3Adapter): string => {
  if (pathStyle) return `${endpoint}/${bucket}`
  const url = new URL(endpoint)
  return `${url.protocol}//${bucket}.${url.host}${url.pathname.replace(/\/$/, '')}`
}

const encodeKey = (key: string): string => key.split('/').map(encodeURIComponent).join('/')

import type { IncomingMessage } from 'node:http'
import { readKeptRequest, type KeptRequest } from '@quarry/api'
import { MAX_BATCH } from '../small-batch.ts'

const PREFIX = '/api/trpc/'
/** Requests remembered; with the longest that is, 8 MB. A screen makes the same ones again and again. */
const MOST_KNOWN = 1_000
/** A longer one has an input that is hardly sent twice. */
const LONGEST_KNOWN = 4_096

/** What was asked for, by target. The oldest go first. */
const known = new Map<string, KeptRequest>()

/** What a request asks for, where that is nothing but queries whose answers are kept; null for everything else. */
export const plainRequest = (request: IncomingMessage): KeptRequest | null => {
  const { method, url, headers } = request
  if (method !== 'GET' || url === undefined || !url.startsWith(PREFIX)) return null
  // tRPC takes some of them for another form of asking or answering.
  if (headers['content-type'] !== undefined || headers['trpc-accept'] !== undefined || wantsLines(headers.accept))
    return null
  // A body is somebody else's to read, or to refuse.
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) return null
  return readOnce(url.slice(PREFIX.length))
}

const wantsLines = (accept: string | undefined): boolean => accept !== undefined && accept.includes('jsonl')

const readOnce = (target: string): KeptRequest | null => {
  const before = known.get(target)
  if (before !== undefined) return before
  const found = readKeptRequest(target, MAX_BATCH)
  if (target.length <= LONGEST_KNOWN && found !== null) {
    const oldest = known.size >= MOST_KNOWN ? known.keys().next().value : undefined
    if (oldest !== undefined) known.delete(oldest)
    known.set(target, found)
  }
  return found
}

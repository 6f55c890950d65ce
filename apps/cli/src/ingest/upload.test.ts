import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { fileSource, memorySource } from './file-source.ts'
import { createPatience } from '../server/patience.ts'
import { upload } from './upload.ts'

const TICKET = '0197a3f0-0000-7000-8000-000000000001'
const cleanUps: (() => Promise<unknown>)[] = []

afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
})

/** The upload route's protocol, with `interfere` to break it: it may answer, or cut the connection, and says so by true. */
const serve = async (interfere: (request: IncomingMessage, response: ServerResponse, put: number) => boolean) => {
  const stored: Buffer[] = []
  const lengths: (string | undefined)[] = []
  const notes: string[] = []
  const { signal } = new AbortController()
  let puts = 0
  const offset = (): number => stored.reduce((sum, { length }) => sum + length, 0)
  const server: Server = createServer((request, response) => {
    response.setHeader('upload-offset', offset())
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    puts += 1
    lengths.push(request.headers['content-length'])
    if (interfere(request, response, puts)) return
    const from = Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('offset'))
    if (from !== offset()) {
      response.writeHead(409).end('{}')
      return
    }
    request.on('data', (chunk: Buffer) => {
      stored.push(chunk)
      if (interfere(request, response, -puts)) request.destroy()
    })
    request.on('end', () => response.end(JSON.stringify({ ticket: TICKET, offset: offset(), sizeBytes: 0 })))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    stored: () => Buffer.concat(stored),
    puts: () => puts,
    lengths,
    notes,
    connection: {
      signal,
      patience: createPatience(signal, (line) => notes.push(line)),
      request: (path: string, init?: RequestInit) => fetch(`${origin}${path}`, init),
    },
  }
}

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))

describe('upload', () => {
  it('streams a file and reports what is stored', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quarry-upload-'))
    cleanUps.push(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'a.bin'), CONTENT)
    const server = await serve(() => false)
    const sent: number[] = []
    await upload(server.connection, TICKET, fileSource(join(folder, 'a.bin'), CONTENT.length), (bytes) =>
      sent.push(bytes),
    )
    expect(server.stored().equals(CONTENT)).toBe(true)
    expect(sent.at(-1)).toBe(CONTENT.length)
  })

  it('goes on from what the server has when the connection breaks', async () => {
    // The first piece of the first request arrives, and then the line goes dead.
    const server = await serve((_request, _response, put) => put === -1)
    await upload(server.connection, TICKET, memorySource(new Uint8Array(CONTENT)))
    expect(server.stored().equals(CONTENT)).toBe(true)
    expect(server.puts()).toBe(2)
  })

  it('asks for the offset when the server has another one', async () => {
    const server = await serve(
      (_request, response, put) => put === 1 && response.writeHead(409).end('{}').writableEnded,
    )
    await upload(server.connection, TICKET, memorySource(new Uint8Array(CONTENT)))
    expect(server.stored().equals(CONTENT)).toBe(true)
  })

  it('sends an empty file', async () => {
    const server = await serve(() => false)
    await upload(server.connection, TICKET, fileSource('/nonexistent', 0))
    expect(server.puts()).toBe(1)
  })

  it('waits where a limit refuses it, says so once, and goes on from what the server has', async () => {
    const refusal = {
      code: 'rate_limited',
      message: 'You have reached your limit of 60 a minute.',
      action: 'It goes on in 1 second.',
      requestId: 'r',
      details: { limit: 'user', retryAfterSeconds: 0.01 },
    }
    // More often than a lost connection is borne.
    const server = await serve((_request, response, put) => {
      if (put < 1 || put > 10) return false
      return response.writeHead(429).end(JSON.stringify(refusal)).writableEnded
    })
    await upload(server.connection, TICKET, memorySource(new Uint8Array(CONTENT)))
    expect(server.stored().equals(CONTENT)).toBe(true)
    expect(server.notes[0]).toBe('You have reached your limit of 60 a minute. Going on in 1 s.')
  })

  it('ends at once where the operator has switched uploads off', async () => {
    const refusal = {
      code: 'unavailable',
      message: 'Files are not taken.',
      action: 'Try later.',
      requestId: 'r',
      details: { switchedOff: 'documents.uploads', retryAfterSeconds: 60 },
    }
    const server = await serve(
      (_request, response) => response.writeHead(503).end(JSON.stringify(refusal)).writableEnded,
    )
    await expect(upload(server.connection, TICKET, memorySource(new Uint8Array(CONTENT)))).rejects.toThrow(
      'Files are not taken. Try later.',
    )
    expect(server.puts()).toBe(1)
  })

  it('stops at a refusal, with the reason', async () => {
    const refusal = {
      code: 'too_large',
      message: 'The file is larger than the limit.',
      action: 'Split it.',
      requestId: 'r',
    }
    const server = await serve(
      (_request, response) => response.writeHead(413).end(JSON.stringify(refusal)).writableEnded,
    )
    await expect(upload(server.connection, TICKET, memorySource(new Uint8Array(CONTENT)))).rejects.toThrow(
      'The file is larger than the limit. Split it.',
    )
    expect(server.puts()).toBe(1)
  })
})

import { collectionId, documentId, versionId } from '@quarry/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createUploadQueue, type UploadTransport } from './upload-queue.ts'

const uuid = (n: number) => `0190a8c0-0000-7000-8000-${String(n).padStart(12, '0')}`
const collection = collectionId.parse(uuid(1))

class Lost extends Error {}

/** A server in memory that keeps what it was given; `faults` says after how many bytes each send breaks. */
const server = (faults: number[] = []) => {
  const stored = new Map<string, number>()
  let serial = 10
  let sending = 0
  let mostAtOnce = 0
  const transport: UploadTransport = {
    createMany: async (_, files) =>
      files.map(({ path }) => {
        if (path.endsWith('.exe')) {
          return {
            path,
            documentId: null,
            ticket: null,
            refused: { code: 'unsupported_type' as const, message: 'no', action: 'use PDF' },
          }
        }
        const ticket = versionId.parse(uuid((serial += 1)))
        stored.set(ticket, 0)
        return { path, documentId: documentId.parse(uuid(serial)), ticket, refused: null }
      }),
    complete: async () => ({ outcome: 'accepted', problem: null }),
    stored: async (ticket) => stored.get(ticket) ?? 0,
    send: async (ticket, file, offset, onSent) => {
      expect(offset).toBe(stored.get(ticket))
      sending += 1
      mostAtOnce = Math.max(mostAtOnce, sending)
      await Promise.resolve()
      const until = Math.min(file.size, offset + (faults.shift() ?? file.size))
      stored.set(ticket, until)
      onSent(until)
      sending -= 1
      if (until < file.size) throw new Lost()
      return until
    },
    isInterruption: (error) => error instanceof Lost,
    describe: (error) => ({ message: String(error), action: '' }),
    recovered: async () => undefined,
  }
  return { transport, stored, mostAtOnce: () => mostAtOnce }
}

const file = (size: number, name: string) => ({ file: new File([new Uint8Array(size)], name), path: name })

const settled = (queue: ReturnType<typeof createUploadQueue>) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (queue.get().every((u) => !['queued', 'uploading', 'waiting', 'completing'].includes(u.phase))) resolve()
    }
    queue.subscribe(look)
    look()
  })

describe('upload queue', () => {
  it('delivers every byte once, wherever the connection breaks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(30), { maxLength: 12 }),
        async (sizes, faults) => {
          const { transport, stored } = server(faults)
          const queue = createUploadQueue(transport)
          await queue.add(
            collection,
            sizes.map((size, i) => file(size, `${i}.txt`)),
            1000,
          )
          await settled(queue)
          expect(queue.get().map((u) => u.phase)).toEqual(sizes.map(() => 'accepted'))
          expect([...stored.values()]).toEqual(sizes)
        },
      ),
    )
  })

  it('sends three at a time', async () => {
    const { transport, mostAtOnce } = server()
    const queue = createUploadQueue(transport)
    await queue.add(
      collection,
      Array.from({ length: 10 }, (_, i) => file(5, `${i}.txt`)),
      1000,
    )
    await settled(queue)
    expect(mostAtOnce()).toBe(3)
  })

  it('names what is refused and takes the rest', async () => {
    const queue = createUploadQueue(server().transport)
    await queue.add(collection, [file(5, 'a.txt'), file(5, 'b.exe'), file(5000, 'c.txt')], 1000)
    await settled(queue)
    expect(queue.get().map((u) => [u.path, u.phase, u.problem?.action])).toEqual([
      ['a.txt', 'accepted', undefined],
      ['b.exe', 'refused', 'use PDF'],
      ['c.txt', 'refused', expect.stringContaining('Split the file')],
    ])
  })

  it('gives up with the reason when the server refuses the bytes, and takes it up again on demand', async () => {
    const { transport } = server()
    let refuse = true
    const queue = createUploadQueue({
      ...transport,
      complete: async () => {
        if (refuse) throw new Error('full')
        return { outcome: 'accepted', problem: null }
      },
    })
    await queue.add(collection, [file(5, 'a.txt')], 1000)
    await settled(queue)
    expect(queue.get()[0]).toMatchObject({ phase: 'failed', problem: { message: 'Error: full' } })
    refuse = false
    queue.retry(queue.get()[0]!.key)
    await settled(queue)
    expect(queue.get()[0]).toMatchObject({ phase: 'accepted', problem: null })
  })

  it('waits out a loss of connection while it asks for tickets and while it completes', async () => {
    const { transport, stored } = server()
    let losses = 0
    const lostTwice = async <T>(call: () => Promise<T>): Promise<T> => {
      losses += 1
      if (losses % 3 !== 0) throw new Lost()
      return call()
    }
    const queue = createUploadQueue({
      ...transport,
      createMany: (id, files) => lostTwice(() => transport.createMany(id, files)),
      complete: (ticket) => lostTwice(() => transport.complete(ticket)),
    })
    await queue.add(collection, [file(5, 'a.txt')], 1000)
    await settled(queue)
    expect(queue.get()[0]).toMatchObject({ phase: 'accepted', problem: null })
    expect([...stored.values()]).toEqual([5])
    expect(losses).toBe(6)
  })

  it('asks for no ticket for what was cancelled while the connection was lost', async () => {
    const { transport, stored } = server()
    let lost = true
    const queue = createUploadQueue({
      ...transport,
      createMany: async (id, files) => {
        if (lost) throw new Lost()
        return transport.createMany(id, files)
      },
      recovered: async () => {
        queue.cancel(queue.get()[0]!.key)
        lost = false
      },
    })
    await queue.add(collection, [file(5, 'a.txt'), file(5, 'b.txt')], 1000)
    await settled(queue)
    expect(queue.get().map((u) => u.phase)).toEqual(['cancelled', 'accepted'])
    expect(stored.size).toBe(1)
  })
})

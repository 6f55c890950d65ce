import { describe, expect, test } from 'vitest'
import { ClientFrames, ReadyWatch, simpleQuery, SYNC } from './wire-frames.ts'

const startup = (() => {
  const body = Buffer.from('user\0postgres\0\0')
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length, 0)
  head.writeUInt32BE(196_608, 4)
  return Buffer.concat([head, body])
})()
const request = (code: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(8, 0)
  bytes.writeUInt32BE(code, 4)
  return bytes
}
const kindsOf = (pieces: readonly Buffer[]): string[] => {
  const frames = new ClientFrames()
  const kinds: string[] = []
  for (const piece of pieces) {
    frames.push(piece)
    for (let frame = frames.next(); frame !== null; frame = frames.next()) kinds.push(frame.kind)
  }
  return kinds
}
const bytewise = (bytes: Buffer): Buffer[] => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))

describe('messages of a client', () => {
  const session = Buffer.concat([
    request(80_877_103),
    startup,
    simpleQuery('select 1'),
    SYNC,
    Buffer.from([0x58, 0, 0, 0, 4]),
  ])
  const expected = ['encryption', 'startup', 'query', 'query', 'terminate']

  test('are the same wherever the stream is cut', () => {
    expect(kindsOf([session])).toEqual(expected)
    expect(kindsOf(bytewise(session))).toEqual(expected)
    for (let cut = 1; cut < session.length; cut++)
      expect(kindsOf([session.subarray(0, cut), session.subarray(cut)])).toEqual(expected)
  })

  test('asking to cancel are told apart', () => {
    expect(kindsOf([request(80_877_102)])).toEqual(['cancel'])
  })

  test('with a length that cannot be true are refused', () => {
    const frames = new ClientFrames()
    frames.push(startup)
    frames.next()
    frames.push(Buffer.from([0x51, 0xff, 0xff, 0xff, 0xff]))
    expect(() => frames.next()).toThrow(RangeError)
    const lying = new ClientFrames()
    lying.push(Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]))
    expect(() => lying.next()).toThrow(RangeError)
  })
})

describe('the watch on the server', () => {
  const ready = (status: string): Buffer => Buffer.from([0x5a, 0, 0, 0, 5, status.charCodeAt(0)])
  // A row whose text looks like a ReadyForQuery.
  const row = Buffer.concat([Buffer.from([0x44, 0, 0, 0, 10]), ready('I')])
  const complete = Buffer.from([0x43, 0, 0, 0, 13, ...Buffer.from('SELECT 1\0')])

  test.each([
    ['idle', [row, complete, ready('I')], 'I'],
    ['in a transaction', [complete, ready('T')], 'T'],
    ['in a failed one', [ready('E')], 'E'],
    ['still answering', [ready('I'), row], null],
    ['still answering, nothing ready yet', [row, complete], null],
  ] as const)('knows that it is %s, however the answer is cut', (_state, messages, status) => {
    const bytes = Buffer.concat(messages)
    for (let cut = 0; cut <= bytes.length; cut++) {
      const watch = new ReadyWatch()
      watch.push(bytes.subarray(0, cut))
      watch.push(bytes.subarray(cut))
      expect(watch.status).toBe(status)
    }
    const watch = new ReadyWatch()
    for (const byte of bytewise(bytes)) watch.push(byte)
    expect(watch.status).toBe(status)
  })
})

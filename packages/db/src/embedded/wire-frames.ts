/**
 * Splits what a client sends into PostgreSQL protocol messages (PostgreSQL manual, "Message Formats"). Only the first
 * message has no type byte: it is a start-up packet, or a request for encryption or cancellation.
 */
export class ClientFrames {
  #pending: Buffer = Buffer.alloc(0)
  #started = false

  push(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
  }

  /** The next whole message, or null. Throws RangeError when the length cannot be true. */
  next(): { kind: 'startup' | 'encryption' | 'cancel' | 'terminate' | 'query'; bytes: Buffer } | null {
    const header = this.#started ? 1 : 0
    if (this.#pending.length < header + 4) return null
    const length = header + this.#pending.readUInt32BE(header)
    if (length < header + 4 || length > MAX_FRAME_BYTES) throw new RangeError(`a message of ${length} bytes`)
    if (this.#pending.length < length || (!this.#started && length < 8)) return null
    const bytes = this.#pending.subarray(0, length)
    this.#pending = this.#pending.subarray(length)
    if (this.#started) return { kind: bytes[0] === TERMINATE ? 'terminate' : 'query', bytes }
    const code = bytes.readUInt32BE(4)
    if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'encryption', bytes }
    if (code === CANCEL_REQUEST) return { kind: 'cancel', bytes }
    this.#started = true
    return { kind: 'startup', bytes }
  }
}

const SSL_REQUEST = 80_877_103
const GSS_REQUEST = 80_877_104
const CANCEL_REQUEST = 80_877_102
const TERMINATE = 'X'.charCodeAt(0)
/** PostgreSQL's own ceiling for a value is 1 GiB; what we send is under 100 MiB. */
const MAX_FRAME_BYTES = 256 * 1024 * 1024

/**
 * Reads along with what the server sends, to know when the session is free: after a ReadyForQuery with status `I`.
 * Chunks may cut a message anywhere.
 */
export class ReadyWatch {
  /** `I` idle, `T` in a transaction, `E` in a failed one; null while a message is still being answered. */
  status: 'I' | 'T' | 'E' | null = null
  #header: Buffer = Buffer.alloc(0)
  #type = 0
  #bodyLeft = 0
  #firstOfBody = true

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#bodyLeft === 0) {
        const need = 5 - this.#header.length
        this.#header = Buffer.concat([this.#header, chunk.subarray(at, at + need)])
        at += need
        if (this.#header.length < 5) return
        this.#type = this.#header[0] ?? 0
        this.#bodyLeft = this.#header.readUInt32BE(1) - 4
        this.#header = Buffer.alloc(0)
        this.#firstOfBody = true
        this.status = null
        continue
      }
      if (this.#firstOfBody && this.#type === READY_FOR_QUERY) this.status = statusOf(chunk[at])
      this.#firstOfBody = false
      const skipped = Math.min(this.#bodyLeft, chunk.length - at)
      this.#bodyLeft -= skipped
      at += skipped
    }
  }
}

const READY_FOR_QUERY = 'Z'.charCodeAt(0)
const statusOf = (byte: number | undefined): 'I' | 'T' | 'E' => {
  if (byte === 0x49) return 'I'
  return byte === 0x54 ? 'T' : 'E'
}

/** Ends an extended-protocol exchange that its client did not finish. */
export const SYNC = Buffer.from([0x53, 0, 0, 0, 4])

export const simpleQuery = (sql: string): Buffer => {
  const text = Buffer.from(`${sql}\0`)
  const head = Buffer.alloc(5)
  head.write('Q')
  head.writeUInt32BE(4 + text.length, 1)
  return Buffer.concat([head, text])
}

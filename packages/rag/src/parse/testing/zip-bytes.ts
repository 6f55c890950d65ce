import { crc32, deflateRawSync } from 'node:zlib'

/** An entry as it is written; what is not given is true. The other fields are lies for tests. */
export interface ZipEntry {
  readonly name: string
  readonly content: Uint8Array | string
  /** 0: stored. Default 8: deflated. */
  readonly method?: 0 | 8
  /** Deflated bytes of somebody else's making. */
  readonly packed?: Uint8Array
  readonly claimedSize?: number
  readonly claimedCrc?: number
  readonly encrypted?: boolean
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const MOST_16_BIT = 0xffff

/** Writes a zip file (APPNOTE 6.3.10) as its entries say, be it true or not. */
export function zipBytes(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const { local, data, central } = recordsOf(entry, offset)
    parts.push(local, data)
    directory.push(central)
    offset += local.length + data.length
  }
  return Buffer.concat([...parts, ...directory, endOf(directory, offset)])
}

/** A zip file whose entries all point at one and the same data, which is stored once (D. Fifield, "A better zip bomb"). */
export function overlappingZipBytes(names: readonly string[], content: Uint8Array): Buffer {
  const first = recordsOf({ name: names[0] ?? '', content }, 0)
  const same = { content: '', packed: first.data, claimedSize: content.length, claimedCrc: crc32(content) }
  const directory = names.map((name) => recordsOf({ ...same, name }, 0).central)
  const offset = first.local.length + first.data.length
  return Buffer.concat([first.local, first.data, ...directory, endOf(directory, offset)])
}

function recordsOf(entry: ZipEntry, offset: number) {
  const name = Buffer.from(entry.name)
  const content = Buffer.from(entry.content)
  const method = entry.method ?? 8
  const data = Buffer.from(entry.packed ?? (method === 0 ? content : deflateRawSync(content)))
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20, 0)
  // Bit 0: encrypted; bit 11: the name is UTF-8.
  fields.writeUInt16LE((entry.encrypted === true ? 1 : 0) | 0x800, 2)
  fields.writeUInt16LE(method, 4)
  fields.writeUInt32LE(entry.claimedCrc ?? crc32(content), 10)
  fields.writeUInt32LE(data.length, 14)
  fields.writeUInt32LE(entry.claimedSize ?? content.length, 18)
  fields.writeUInt16LE(name.length, 22)
  const tail = Buffer.alloc(14)
  tail.writeUInt32LE(offset, 10)
  return {
    local: Buffer.concat([uint32(LOCAL), fields, name]),
    data,
    central: Buffer.concat([uint32(CENTRAL), uint16(20), fields, tail, name]),
  }
}

function endOf(directory: readonly Buffer[], offset: number): Buffer {
  const count = Math.min(MOST_16_BIT, directory.length)
  return Buffer.concat([
    uint32(END),
    uint32(0),
    uint16(count),
    uint16(count),
    uint32(directory.reduce((sum, { length }) => sum + length, 0)),
    uint32(offset),
    uint16(0),
  ])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

import type { MediaType } from '@quarry/contracts'
import type { Turns } from '../ocr/recognition.ts'

export interface ImageHeader {
  /** As stored. */
  readonly width: number
  readonly height: number
  /** How it must be turned to be seen upright: cameras write the sensor's rows and say which way they were held. */
  readonly turns: Turns
  /** Bytes that reading takes for each pixel, as measured: Leptonica's decoders and Tesseract's copies. */
  readonly memoryPerPixel: number
}

/** Images of 20 and 40 million pixels; a PNG with colours is decoded with one copy more. */
const MEMORY = { grey: 4, colour: 8, png: 16 }

type Reader = (bytes: DataView) => ImageHeader | null
const READERS: Readonly<Partial<Record<MediaType, Reader>>> = {
  'image/png': readPng,
  'image/jpeg': readJpeg,
  'image/webp': readWebp,
}

/** What an image says about itself, without decoding it; null when that is not where it has to be. */
export function imageHeader(bytes: Uint8Array, mediaType: MediaType): ImageHeader | null {
  try {
    const header = READERS[mediaType]?.(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)) ?? null
    return header !== null && header.width > 0 && header.height > 0 ? header : null
  } catch (error) {
    // The file ends in the middle of its header.
    if (error instanceof RangeError) return null
    throw error
  }
}

const ascii = (bytes: DataView, at: number, length: number) =>
  String.fromCharCode(...Array.from({ length }, (_, i) => bytes.getUint8(at + i)))

/** PNG specification, 11.2.2: the first chunk is IHDR. */
function readPng(bytes: DataView): ImageHeader | null {
  if (bytes.getUint32(0) !== 0x89504e47 || ascii(bytes, 12, 4) !== 'IHDR') return null
  const [depth, colour] = [bytes.getUint8(24), bytes.getUint8(25)]
  const grey = colour === 0 && depth <= 8
  return {
    width: bytes.getUint32(16),
    height: bytes.getUint32(20),
    turns: 0,
    memoryPerPixel: grey ? MEMORY.grey : MEMORY.png,
  }
}

/** ITU T.81, B.1.1.4 and B.2.2: segments, of which one (SOF) has the size. Exif 2.3, 4.6.4: orientation is tag 0x112. */
function readJpeg(bytes: DataView): ImageHeader | null {
  if (bytes.getUint16(0) !== 0xffd8) return null
  let turns: Turns = 0
  for (let at = 2; ;) {
    if (bytes.getUint8(at) !== 0xff) return null
    const marker = bytes.getUint8(at + 1)
    if (marker === 0xff) {
      at++
      continue
    }
    const length = bytes.getUint16(at + 2)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) {
      const [height, width, components] = [bytes.getUint16(at + 5), bytes.getUint16(at + 7), bytes.getUint8(at + 9)]
      return { width, height, turns, memoryPerPixel: components === 1 ? MEMORY.grey : MEMORY.colour }
    }
    if (marker === 0xe1 && ascii(bytes, at + 4, 6) === 'Exif\0\0') turns = turnsIn(bytes, at + 10)
    at += 2 + length
  }
}

function turnsIn(bytes: DataView, tiff: number): Turns {
  const little = bytes.getUint16(tiff) === 0x4949
  const directory = tiff + bytes.getUint32(tiff + 4, little)
  const entries = bytes.getUint16(directory, little)
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i
    if (bytes.getUint16(entry, little) !== 0x112) continue
    const orientation = bytes.getUint16(entry + 8, little)
    return orientation === 6 ? 1 : orientation === 3 ? 2 : orientation === 8 ? 3 : 0
  }
  return 0
}

/** RFC 9649, 2.5 to 2.7: lossy, lossless and extended files begin differently. */
function readWebp(bytes: DataView): ImageHeader | null {
  if (ascii(bytes, 0, 4) !== 'RIFF' || ascii(bytes, 8, 4) !== 'WEBP') return null
  const kind = ascii(bytes, 12, 4)
  const shape = { turns: 0, memoryPerPixel: MEMORY.colour } as const
  if (kind === 'VP8 ')
    return { width: bytes.getUint16(26, true) & 0x3fff, height: bytes.getUint16(28, true) & 0x3fff, ...shape }
  if (kind === 'VP8L') {
    const size = bytes.getUint32(21, true)
    return { width: (size & 0x3fff) + 1, height: ((size >>> 14) & 0x3fff) + 1, ...shape }
  }
  if (kind !== 'VP8X') return null
  const least = (at: number) => bytes.getUint16(at, true) | (bytes.getUint8(at + 2) << 16)
  return { width: least(24) + 1, height: least(27) + 1, ...shape }
}

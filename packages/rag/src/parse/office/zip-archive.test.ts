import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { overlappingZipBytes, zipBytes } from '../testing/zip-bytes.ts'
import { resolve } from './relationships.ts'
import { openZip, ZIP_LIMITS, type ZipArchive } from './zip-archive.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-zip-'))
})
afterAll(() => rm(folder, { recursive: true }))

const open = async (bytes: Uint8Array, limits: Partial<typeof ZIP_LIMITS> = {}): Promise<ZipArchive> => {
  const file = path.join(folder, 'file.zip')
  await writeFile(file, bytes)
  return openZip(file, { ...ZIP_LIMITS, ...limits })
}
const entry = (content: string | Uint8Array, lies: object = {}) => [{ name: 'a', content, ...lies }]
/** How far an entry was inflated before it ended, and why it did. */
async function inflated(zip: ZipArchive, name = 'a'): Promise<{ bytes: number; code: unknown }> {
  let bytes = 0
  try {
    for await (const chunk of zip.stream(name)) bytes += chunk.length
    return { bytes, code: null }
  } catch (error) {
    return { bytes, code: error instanceof Error && 'code' in error ? error.code : error }
  } finally {
    zip.close()
  }
}
const MEBIBYTE = 1024 * 1024
const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919 + ((i * i) % 251)) & 255))

describe('openZip', () => {
  test('reads entries, deflated and stored, whatever they are called', async () => {
    const zip = await open(
      zipBytes([
        { name: 'a', content: noise },
        { name: '/etc/b', content: 'stored', method: 0 },
        { name: '..\\c', content: 'c' },
        { name: 'folder/', content: '' },
      ]),
    )
    expect(zip.names).toEqual(['a', 'etc/b', '../c'])
    expect((await zip.read('a', noise.length)).equals(noise)).toBe(true)
    expect((await zip.read('etc/b', 10)).toString()).toBe('stored')
    await expect(zip.read('etc/b', 5)).rejects.toMatchObject({ code: 'unpacks_too_large' })
    await expect(zip.read('b', 5)).rejects.toMatchObject({ code: 'damaged' })
    zip.close()
  })

  test('opens bytes, too: an attachment has no path', async () => {
    const zip = await openZip(zipBytes(entry('inside')))
    expect((await zip.read('a', 10)).toString()).toBe('inside')
    zip.close()
    await expect(openZip(Buffer.from('no archive'))).rejects.toMatchObject({ code: 'damaged' })
  })

  test.each([
    ['claims less than it holds', { claimedSize: 10 }, 'damaged'],
    ['claims more than it holds', { claimedSize: 1_000_000 }, 'damaged'],
    ['has another checksum', { claimedCrc: 1 }, 'damaged'],
    ['is no deflate stream', { packed: Buffer.from('no deflate at all') }, 'damaged'],
    ['is encrypted', { encrypted: true }, 'encrypted'],
  ])('an entry that %s is refused', async (_, lies, code) => {
    expect(await inflated(await open(zipBytes(entry(noise, lies))))).toMatchObject({ code })
  })

  test('an entry that claims ten bytes and holds a hundred megabytes is left at once', async () => {
    const bomb = zipBytes(entry(Buffer.alloc(100 * MEBIBYTE), { claimedSize: 10 }))
    expect((await inflated(await open(bomb))).bytes).toBeLessThan(MEBIBYTE)
  })

  test.each([
    ['an entry', { entryBytes: 100_000 }],
    ['all entries', { totalBytes: 100_000 }],
    ['the ratio', { ratio: 2, ratioFromBytes: 100_000 }],
  ])('stops at the limit of %s', async (_, limits) => {
    const { bytes, code } = await inflated(await open(zipBytes(entry('text '.repeat(100_000))), limits))
    expect(code).toBe('unpacks_too_large')
    expect(bytes).toBeLessThanOrEqual(100_000)
  })

  test('counts all entries of an overlapping archive together', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `e${i}`)
    const zip = await open(overlappingZipBytes(names, noise), { totalBytes: noise.length * 3 })
    const codes: unknown[] = []
    for (const name of names)
      codes.push(
        await zip.read(name, noise.length).then(
          () => null,
          (error: Error) => error.message,
        ),
      )
    expect(codes).toEqual([null, null, null, ...Array.from({ length: 7 }, () => 'cannot be parsed: unpacks_too_large')])
    zip.close()
  })

  test('refuses more entries than a document has', async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ name: `e${i}`, content: '' }))
    await expect(open(zipBytes(many), { entries: 20 })).rejects.toMatchObject({ code: 'unpacks_too_large' })
  })
})

test('an address in an archive leads nowhere else', () => {
  expect(resolve('word/document.xml', 'media/a%20b.png')).toBe('word/media/a b.png')
  expect(resolve('ppt/slides/s.xml', '../notes/n.xml#x')).toBe('ppt/notes/n.xml')
  expect(resolve('ppt/slides/s.xml', '/xl/a.xml')).toBe('xl/a.xml')
  expect(resolve('a.xml', '../../etc/passwd')).toBeNull()
  expect(resolve('a.xml', 'file:///etc/passwd')).toBeNull()
  expect(resolve('a.xml', 'http://x.test/')).toBeNull()
  expect(resolve('a.xml', '100%')).toBe('100%')
})

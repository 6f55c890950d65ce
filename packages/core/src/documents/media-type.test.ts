import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { acceptedExtensions, MEDIA_TYPES } from '@quarry/contracts'
import { detectMediaType } from './media-type.ts'
import { refusalOf } from './refusal.ts'

const of = async (path: string, content: string | Uint8Array) => {
  const detected = await detectMediaType(path, typeof content === 'string' ? Buffer.from(content) : content)
  return 'failure' in detected ? detected.failure : detected.mediaType
}

/** Local file headers as they stand at the start of a zip file. */
function zip(entries: readonly (readonly [name: string, content: string, stored?: 'stored'])[]): Buffer {
  return Buffer.concat(
    entries.flatMap(([name, content, stored]) => {
      const bytes = stored ? Buffer.from(content) : deflateRawSync(content)
      const header = Buffer.alloc(30)
      header.write('PK\u0003\u0004', 'latin1')
      header.writeUInt16LE(stored ? 0 : 8, 8)
      header.writeUInt32LE(bytes.byteLength, 18)
      header.writeUInt16LE(name.length, 26)
      return [header, Buffer.from(name), bytes]
    }),
  )
}
const types = (main: string) =>
  zip([
    ['[Content_Types].xml', `<Types><Override PartName="/x" ContentType="application/vnd.${main}.main+xml"/></Types>`],
  ])
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const PPTX = 'application/vnd.openxmlformats-officedocument.presentationml.presentation'
const compound = (rest = '') =>
  Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600), Buffer.from(rest, 'utf16le')])

describe('the type of a file', () => {
  test.each([
    ['a.txt', '%PDF-1.7\n%\u00e2', 'application/pdf'],
    ['a.txt', 'The header %PDF-1.7 comes first.', 'text/plain'],
    ['a.pdf', 'HTTP headers\n%PDF-1.7', 'application/pdf'],
    ['a.docx', 'BM25 is a ranking function.', 'text/plain'],
    ['a.exe.txt', Buffer.from('4d5a90000300000004000000ffff0000b8', 'hex'), 'unsupported_type'],
    ['a.docx', types('openxmlformats-officedocument.wordprocessingml.document'), DOCX],
    ['a.docm', types('ms-word.document.macroEnabled'), DOCX],
    ['renamed.pdf', types('openxmlformats-officedocument.spreadsheetml.sheet'), XLSX],
    ['a', types('openxmlformats-officedocument.presentationml.slideshow'), PPTX],
    [
      'a',
      zip([
        ['docProps/app.xml', 'x'],
        ['word/document.xml', 'x'],
      ]),
      DOCX,
    ],
    [
      'a.epub',
      zip([
        ['mimetype', 'application/epub+zip', 'stored'],
        ['META-INF/container.xml', 'x'],
      ]),
      'application/epub+zip',
    ],
    [
      'a',
      zip([['mimetype', 'application/vnd.oasis.opendocument.text', 'stored']]),
      'application/vnd.oasis.opendocument.text',
    ],
    ['a', zip([['mimetype', 'application/vnd.oasis.opendocument.text-template', 'stored']]), 'unsupported_type'],
    ['a', zip([['mimetype', 'application/vnd.oasis.opendocument.spreadsheet', 'stored']]), 'unsupported_type'],
    ['unclear.docx', zip([['customXml/item1.xml', 'x']]), DOCX],
    ['photos.txt', zip([['a.jpg', 'x']]), 'unsupported_type'],
    ['a.docx', compound(), DOCX],
    ['a.bin', compound('EncryptedPackage'), 'encrypted'],
    ['a', compound('WordDocument'), 'unsupported_type'],
    ['a.txt', Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex'), 'image/png'],
    ['a.png', Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), 'image/jpeg'],
    ['a', Buffer.concat([Buffer.from('RIFF\u0024\0\0\0WEBPVP8 ', 'latin1'), Buffer.alloc(20)]), 'image/webp'],
    ['a.png', Buffer.from('47494638396101000100', 'hex'), 'unsupported_type'],
    ['a.png', Buffer.from('000102030405060708', 'hex'), 'damaged'],
    ['a.txt', Buffer.from('000102030405060708', 'hex'), 'not_text'],
    ['letter.doc', '{\\rtf1\\ansi Hello}', 'application/rtf'],
    ['a.txt', '%!PS-Adobe-3.0\n', 'unsupported_type'],
    ['a.txt', '<!-- x -->\n<!DOCTYPE html><p>', 'text/html'],
    ['a', '\u{FEFF}<html lang=en><p>', 'text/html'],
    ['a.htm', '<p>no head', 'text/html'],
    ['a.vue', '<html><template/>', 'text/x-source-code'],
    ['a.md', '<html>', 'text/markdown'],
    ['a.csv', 'a,b\n1,2', 'text/csv'],
    ['a.tsv', Buffer.from('96bc914f2c944e97ee0a', 'hex'), 'text/csv'],
    ['a.py', 'print(1)', 'text/x-source-code'],
    ['src/Makefile', 'all:\n\tls', 'text/x-source-code'],
    ['run', '#!/bin/sh\nls', 'text/x-source-code'],
    ['a.md', '# Hi', 'text/markdown'],
    ['notes', 'Dear diary', 'text/plain'],
    ['a.unknown', 'Dear diary', 'text/plain'],
    ['a.eml', 'Subject: x\nX-A: y\n folded\n\nHi', 'message/rfc822'],
    ['a.eml', 'Just a note.', 'text/plain'],
    ['mail', 'Return-Path: <a@b.c>\r\nFrom: a@b.c\r\nTo: d@e.f\r\n\r\nHi', 'message/rfc822'],
    ['a.txt', 'From: Anna\nTo: Bob\n\nA note in the form of a letter.', 'text/plain'],
    ['a.md', 'From: a@b.c\nMessage-ID: <1>\n\nHi', 'text/markdown'],
    ['a.txt', Buffer.from('Gr\u00fc\u00dfe', 'latin1'), 'text/plain'],
    ['a.txt', Buffer.from('\uFEFFGrüße', 'utf16le'), 'text/plain'],
    ['a.html', Buffer.from('<p>Grüße\n</p>', 'utf16le'), 'text/html'],
    ['a.txt', '', 'empty'],
  ])('%s is %#', async (path, content, expected) => {
    expect(await of(path, content)).toBe(expected)
  })

  test('says what a file is named like and is not, and what an archive is', async () => {
    expect(await detectMediaType('a.png', Buffer.from('000102030405', 'hex'))).toMatchObject({
      text: expect.stringContaining('PNG image'),
    })
    expect(await detectMediaType('a.zip', zip([['a.jpg', 'x']]))).toMatchObject({
      text: expect.stringContaining('Unpack'),
    })
  })

  test('is text in XML of an encoding before Unicode, and in UTF-16 with a broken character', async () => {
    const latin = (text: string) => Buffer.from(text, 'latin1')
    expect(await of('a.xml', latin('<?xml version="1.0" encoding="iso-8859-1"?><a>Gr\xfc\xdfe</a>'))).toBe(
      'text/x-source-code',
    )
    expect(
      await of('a.html', latin('<?xml version="1.0" encoding="iso-8859-1"?><!DOCTYPE html><html><p>Gr\xfc\xdfe')),
    ).toBe('text/html')
    expect(await of('a.txt', Buffer.from('\uFEFFone \uD800 broken', 'utf16le'))).toBe('text/plain')
  })

  test.each([
    ['comments', '<!---->'],
    ['open comments', '<!--'],
    ['declarations', '<?xml >'],
    ['headers', 'a:\n'],
    ['folded headers', 'a:b\n \n'],
    ['white space', ' '],
    ['line ends', '\n'],
  ])('is found at once for nothing but %s', async (_what, part) => {
    for (const head of [part, `From: ${part}`, `PK\u0003\u0004${part}`, `<!doctype ${part}`]) {
      const began = performance.now()
      await of('a', `${head}${part.repeat(8192 / part.length)}x`)
      expect(performance.now() - began).toBeLessThan(2000)
    }
  })

  test('is found, or there is a reason, for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom('', 'PK\u0003\u0004', '\u00ff\u00fe', '{\\rtf', 'From: '),
        async (bytes, start) => {
          const type = await of('a.docx', Buffer.concat([Buffer.from(start, 'latin1'), bytes]))
          expect(typeof type).toBe('string')
        },
      ),
    )
  })
})

describe('a refusal by name', () => {
  test('never hits what can be read, and says what to do instead', () => {
    for (const extension of acceptedExtensions().split(','))
      expect(refusalOf({ path: `x${extension}`, sizeBytes: 1 }, 10)).toBeNull()
    expect(Object.values(MEDIA_TYPES).every(({ extensions }) => extensions.length > 0)).toBe(true)
    for (const path of ['a.docm', 'a.xyz', 'a', '.env', 'Makefile'])
      expect(refusalOf({ path, sizeBytes: 1 }, 10)).toBeNull()
    expect(refusalOf({ path: 'a/Report.DOC', sizeBytes: 1 }, 10)).toMatchObject({
      code: 'unsupported_type',
      message: 'Files of type .doc are not supported.',
      action: expect.stringContaining('.docx'),
    })
    expect(refusalOf({ path: 'a.exe', sizeBytes: 1 }, 10)).toMatchObject({ action: expect.stringContaining('PDF') })
    expect(refusalOf({ path: 'a.pdf', sizeBytes: 11 }, 10)).toMatchObject({ code: 'too_large' })
  })
})

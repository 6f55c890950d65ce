import { describe, expect, test } from 'vitest'
import { epubBytes } from '../../testing/office-files.ts'
import { readBytes } from '../../testing/read-bytes.ts'
import { readEpub } from './read-epub.ts'

const encryption = (target: string, algorithm: string) => ({
  name: 'META-INF/encryption.xml',
  content: `<encryption><EncryptedData><EncryptionMethod Algorithm="${algorithm}"/><KeyInfo><x/></KeyInfo><CipherData><CipherReference URI="${target}"/></CipherData></EncryptedData></encryption>`,
})
const book = [
  { html: '<h1>The sea</h1><p>Salt &nbsp;water.</p>', title: 'The sea' },
  { html: '<p>Sand.</p><script/><p>Shore.</p>', title: 'The land' },
  { html: '<section><h2>Afterword</h2></section><p>Thanks.</p>' },
]

describe('readEpub', () => {
  test('reads chapters in the order of the spine, named by the contents', async () => {
    expect((await readBytes(readEpub, epubBytes(book))).lines).toEqual([
      '[The sea]',
      'heading1: The sea',
      'paragraph: Salt water.',
      '[The land]',
      'heading1: The land',
      'paragraph: Sand.',
      'paragraph: Shore.',
      '[Afterword]',
      'heading2: Afterword',
      'paragraph: Thanks.',
    ])
  })

  test('keeps the chapters that can be read', async () => {
    const { lines } = await readBytes(readEpub, epubBytes([{ html: null, title: 'Lost' }, { html: '<p>There.</p>' }]))
    expect(lines).toEqual(['[Lost] page_unreadable', 'paragraph: There.'])
  })

  test('tells locked texts from scrambled fonts', async () => {
    const locked = epubBytes(book, [
      encryption('OEBPS/text/c%200.xhtml', 'http://www.w3.org/2001/04/xmlenc#aes128-cbc'),
    ])
    await expect(readBytes(readEpub, locked)).rejects.toMatchObject({ code: 'encrypted' })
    const fonts = epubBytes(book, [encryption('OEBPS/text/c%200.xhtml', 'http://www.idpf.org/2008/embedding')])
    expect((await readBytes(readEpub, fonts)).steps).toHaveLength(3)
    const others = epubBytes(book, [encryption('OEBPS/font.otf', 'http://www.w3.org/2001/04/xmlenc#aes128-cbc')])
    expect((await readBytes(readEpub, others)).steps).toHaveLength(3)
  })

  test('says what it cannot read', async () => {
    await expect(readBytes(readEpub, epubBytes([]))).rejects.toMatchObject({ code: 'empty' })
    await expect(readBytes(readEpub, epubBytes([{ html: null }]))).rejects.toMatchObject({ code: 'damaged' })
  })
})

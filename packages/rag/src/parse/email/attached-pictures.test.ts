import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PDFDocument } from 'pdf-lib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Recogniser } from '../ocr/recogniser.ts'
import { readPages } from '../read-file.ts'
import { OCR, pictureOf } from '../testing/pictures.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-attached-'))
})
afterAll(() => rm(folder, { recursive: true }))

const attached = (name: string, type: string, content: Uint8Array) =>
  `--x\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(content).toString('base64')}\r\n`

async function scanOf(picture: Uint8Array): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  document.addPage([420, 200]).drawImage(await document.embedPng(picture), { x: 0, y: 0, width: 420, height: 200 })
  return document.save()
}

test(
  'a picture and a scan that are attached to a message are recognised, and a picture without text is named',
  { timeout: 180_000 },
  async () => {
    const size = { width: 1400, height: 667 }
    const photo = pictureOf(['The ferryman keeps the copper bell'], size).canvas.toBuffer('image/png')
    const scan = await scanOf(pictureOf(['The gardener counts the northern pears'], size).canvas.toBuffer('image/png'))
    const plain = pictureOf([], size).canvas.toBuffer('image/png')
    const file = path.join(folder, 'message.eml')
    await writeFile(
      file,
      `Subject: Pictures\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n${attached('bell.png', 'image/png', photo)}${attached('pears.pdf', 'application/octet-stream', scan)}${attached('sky.png', 'image/png', plain)}--x--\r\n`,
    )
    const told: number[] = []
    const recogniser = new Recogniser(OCR, ({ ordinal }) => Promise.resolve(void told.push(ordinal)))
    const sections: unknown[] = []
    try {
      for await (const { page, warning } of readPages({ path: file, mediaType: 'message/rfc822' }, recogniser))
        if (page.ordinal > 1) sections.push([page.label, page.text.trim(), page.ocr, page.boxes.length, warning])
    } finally {
      await recogniser.close()
    }
    expect(sections).toEqual([
      ['bell.png', 'The ferryman keeps the copper bell', true, 0, undefined],
      ['pears.pdf, page 1', 'The gardener counts the northern pears', true, 0, undefined],
      ['sky.png', '', undefined, 0, 'attachment_unreadable'],
    ])
    expect(told).toHaveLength(3)
  },
)

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCsv } from '../csv/read-csv.ts'
import { ParseFailure, type ReadStep } from '../parsed-page.ts'
import { readText } from '../read-text.ts'
import { readEmail, type ReadAttachment } from './read-email.ts'

const READERS: ReadAttachment = ({ mediaType, bytes }) =>
  Promise.resolve(mediaType === 'text/csv' ? readCsv(bytes) : mediaType === 'text/plain' ? readText(bytes) : null)

async function steps(message: string | Uint8Array): Promise<ReadStep[]> {
  const read: ReadStep[] = []
  for await (const step of readEmail(Buffer.from(message), READERS)) read.push(step)
  return read
}
const sections = async (message: string | Uint8Array) =>
  (await steps(message)).map(({ page, warning }) => [page.ordinal, page.label ?? null, page.text, warning ?? null])

const mixed = (...parts: string[]) =>
  `From: =?utf-8?q?J=C3=B6rg?= <joerg@example.com>\r\nTo: Anna <anna@example.com>, bob@example.com\r\nCc: Team: eve@example.com;\r\nDate: Tue, 3 Mar 2026 14:05:00 +0100\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?= from\r\n Cologne\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n${parts.map((part) => `--x\r\n${part}\r\n`).join('')}--x--\r\n`
const HEAD =
  'From: Jörg <joerg@example.com>\nTo: Anna <anna@example.com>, bob@example.com\nCc: Team: eve@example.com\nDate: Tue, 3 Mar 2026 14:05:00 +0100'
const attached = (name: string, type: string, content: string) =>
  `Content-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(content).toString('base64')}`

describe('a message', () => {
  test('has its headers, its text, and a section for each file', async () => {
    expect(
      await sections(
        mixed(
          'Content-Type: text/plain; charset=utf-8\r\n\r\nHello Anna,\r\n\r\nthe prices are attached.',
          attached('prices.csv', 'application/octet-stream', 'item,price\nbolt,3\n'),
          attached('notes.txt', 'text/plain', 'Mind the gap.'),
        ),
      ),
    ).toEqual([
      [
        1,
        null,
        `Grüße from Cologne\n\n${HEAD}\nAttachments: prices.csv, notes.txt\n\nHello Anna,\n\nthe prices are attached.`,
        null,
      ],
      [2, 'prices.csv', 'item | price\nbolt | 3', null],
      [3, 'notes.txt', 'Mind the gap.', null],
    ])
  })

  test('of HTML is read as its page, also when its plain text says nothing', async () => {
    const html =
      'Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gr=FC=DFe, we meet on Monday at nine in the usual room.</p><table><tr><th>Day<th>Room<tr><td>Mon<td>4</table>'
    const text = 'Grüße, we meet on Monday at nine in the usual room.\n\nDay | Room\nMon | 4'
    expect((await sections(mixed(html)))[0]?.[2]).toContain(text)
    const alternative = mixed(
      `Content-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\nContent-Type: text/plain\r\n\r\nNo HTML?\r\n--y\r\n${html}\r\n--y--`,
    )
    expect((await sections(alternative))[0]?.[2]).toContain(text)
  })

  test('names what cannot be read, and leaves signatures and decoration out', async () => {
    const read = await sections(
      mixed(
        'Content-Type: text/html\r\n\r\n<p>See the film<img src="cid:logo">',
        'Content-Type: image/png\r\nContent-ID: <logo>\r\nContent-Disposition: inline; filename=logo.png\r\n\r\nx',
        attached('film.mp4', 'video/mp4', 'x'),
        attached('broken.csv', 'text/csv', '\0\u0001'),
        attached('signature.asc', 'application/pgp-signature', 'x'),
      ),
    )
    expect(read.slice(1)).toEqual([
      [2, 'film.mp4', '', 'attachment_unreadable'],
      [3, 'broken.csv', '', 'attachment_unreadable'],
    ])
  })

  test('holds messages that it forwards, down to a depth', async () => {
    const forward = (inner: string) =>
      `Subject: Fwd\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b${inner.length}\r\n\r\n--b${inner.length}\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--b${inner.length}\r\nContent-Type: message/rfc822\r\n\r\n${inner}\r\n--b${inner.length}--\r\n`
    const once = await sections(forward('Subject: Inner\r\nFrom: a@b.cd\r\n\r\nThe inner text.'))
    expect(once[1]).toEqual([2, 'Forwarded message 1', 'Inner\n\nFrom: a@b.cd\n\nThe inner text.', null])
    let deep = 'Subject: Inner\r\n\r\nThe inner text.'
    for (let i = 0; i < 20; i++) deep = forward(deep)
    const read = await sections(deep)
    expect(read).toHaveLength(6)
    expect(read.at(-1)).toEqual([6, Array(5).fill('Forwarded message 1').join(', '), '', 'attachment_unreadable'])
  })

  test('without a word about its encoding is guessed, which is said', async () => {
    const [step] = await steps(Buffer.from('Subject: Termin\r\n\r\nGr\xfc\xdfe aus K\xf6ln', 'latin1'))
    expect(step).toMatchObject({ page: { text: 'Termin\n\nGrüße aus Köln' }, warning: 'encoding_guessed' })
  })

  test('with parts in parts without end is damaged', async () => {
    const parts = Array.from(
      { length: 500 },
      (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
    ).join('')
    await expect(steps(`Subject: x\r\nMIME-Version: 1.0\r\n${parts}`)).rejects.toMatchObject({ code: 'damaged' })
  })

  test('of any bytes is read, or fails for a reason', { timeout: 60_000 }, async () => {
    const line = fc.constantFrom(
      'Subject: x\r\n',
      'Content-Type: multipart/mixed; boundary=x\r\n',
      '\r\n',
      '--x\r\n',
      '--x--',
      'Content-Type: message/rfc822\r\n',
      'Content-Transfer-Encoding: base64\r\n',
      'aGk=',
      '\u00ff',
      '\0',
      'From: =?x?q?=C3?= <a',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (lines) => {
        try {
          for (const { page } of await steps(Buffer.from(lines.join(''), 'latin1')))
            expect(page.text).not.toContain('\0')
        } catch (error) {
          expect(error).toBeInstanceOf(ParseFailure)
        }
      }),
      { numRuns: 200 },
    )
  })
})

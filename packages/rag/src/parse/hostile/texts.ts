import type { HostileFile } from './hostile-file.ts'
import { MEBIBYTE } from './hostile-file.ts'

const TEXT = 'The lamp is lit.'
const repeated = (text: string, bytes: number) => text.repeat(Math.ceil(bytes / text.length))

/** Attacks by text formats, and by bytes that are no text. */
export const TEXTS: readonly HostileFile[] = [
  { name: 'nothing at all', mediaType: 'text/plain', bytes: () => Buffer.alloc(0), expected: ['empty'] },
  {
    name: 'ten megabytes of space',
    mediaType: 'text/plain',
    bytes: () => Buffer.alloc(10 * MEBIBYTE, ' '),
    expected: ['empty'],
  },
  {
    name: 'ten megabytes in one line',
    mediaType: 'text/plain',
    bytes: () => Buffer.from(`${TEXT} ${repeated('word', 10 * MEBIBYTE)}`),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'text of zero bytes',
    mediaType: 'text/plain',
    bytes: () => Buffer.alloc(MEBIBYTE),
    expected: ['not_text', 'empty'],
  },
  {
    name: 'text with zero bytes and escapes of terminals',
    mediaType: 'text/plain',
    bytes: () => Buffer.from(`${TEXT}\n\x1b]0;title\x07\x1b[31mred\0\0\0${TEXT}`),
    expected: ['not_text'],
  },
  {
    name: 'UTF-16 without a mark',
    mediaType: 'text/plain',
    bytes: () => Buffer.from(`${TEXT} `.repeat(20), 'utf16le'),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'halves of surrogate pairs, in UTF-16',
    mediaType: 'text/plain',
    bytes: () => Buffer.from(`\uFEFF${TEXT} ${'\uD83D'.repeat(500)}${'\uDE00\uD83D'.repeat(500)} end`, 'utf16le'),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'text on which patterns backtrack',
    mediaType: 'text/plain',
    bytes: () =>
      Buffer.from(
        [
          TEXT,
          ' '.repeat(200_000) + 'x',
          `${'a '.repeat(100_000)}!`,
          `${'1.'.repeat(100_000)}x`,
          '=-'.repeat(100_000),
          `e.g. ${'Mr. '.repeat(50_000)}`,
          '('.repeat(100_000),
        ].join('\n\n'),
      ),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'Markdown: quotes, lists, links and emphasis without end',
    mediaType: 'text/markdown',
    bytes: () =>
      Buffer.from(
        [
          TEXT,
          '> '.repeat(5_000),
          '- '.repeat(5_000),
          '[^a]: '.repeat(5_000),
          '['.repeat(20_000),
          '*a _b '.repeat(5_000),
          '`'.repeat(10_000),
          '![a]('.repeat(5_000),
          '<'.repeat(20_000),
        ].join('\n\n'),
      ),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'Markdown: a picture and HTML from elsewhere',
    mediaType: 'text/markdown',
    bytes: ({ url, path }) =>
      Buffer.from(
        `${TEXT}\n\n![a](${url}/a.png) ![b](file://${path})\n\n<img src="${url}/b.png"><script src="${url}/c.js"></script>\n`,
      ),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'HTML: a hundred thousand elements in each other',
    mediaType: 'text/html',
    bytes: () => Buffer.from(`<p>${TEXT}</p>${'<div><table><tr><td>'.repeat(100_000)}deep`),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'HTML: pictures, frames, scripts and styles from elsewhere',
    mediaType: 'text/html',
    bytes: ({ url, path }) =>
      Buffer.from(
        `<!doctype html><base href="${url}/"><meta http-equiv="refresh" content="0;url=${url}/r"><link rel="stylesheet" href="${url}/a.css"><p>${TEXT}</p>` +
          `<img src="${url}/a.png"><img src="file://${path}"><iframe src="file://${path}"></iframe><object data="${url}/o"></object><embed src="${url}/e"><script>fetch("${url}/f")</script><body background="${url}/b">`,
      ),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'HTML: one attribute, one comment and one tag of megabytes',
    mediaType: 'text/html',
    bytes: () =>
      Buffer.from(
        `<p>${TEXT}</p><p a="${repeated('x', 5 * MEBIBYTE)}">b</p><!--${repeated('-', 5 * MEBIBYTE)}--><${repeated('t', 5 * MEBIBYTE)}>`,
      ),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'SVG with a script and entities, as a page',
    mediaType: 'text/html',
    bytes: ({ url, path }) =>
      Buffer.from(
        `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://${path}">]><svg xmlns="http://www.w3.org/2000/svg" onload="fetch('${url}')"><script>fetch('${url}')</script><image href="${url}/a.png"/><text>&x;</text></svg><p>${TEXT}</p>`,
      ),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'CSV: one cell of fifty megabytes in quotes',
    slow: true,
    mediaType: 'text/csv',
    bytes: () => Buffer.from(`name,text\nlamp,"${repeated(`${TEXT}\n`, 50 * MEBIBYTE)}`),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'CSV: a hundred thousand columns',
    mediaType: 'text/csv',
    bytes: () => Buffer.from(`${'a,'.repeat(100_000)}\n${'1,'.repeat(100_000)}\n${TEXT},x\n`),
    expected: 'searchable',
  },
  {
    name: 'JSON, a hundred thousand levels deep',
    mediaType: 'text/x-source-code',
    bytes: () => Buffer.from(`"${TEXT}"\n${'[{"a":'.repeat(100_000)}`),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'RTF: groups in groups, binary data without end, objects',
    mediaType: 'application/rtf',
    bytes: ({ path }) =>
      Buffer.from(
        `{\\rtf1\\ansi ${TEXT}\\par {\\field{\\*\\fldinst INCLUDEPICTURE "file://${path}"}}{\\object\\objdata ${'41'.repeat(100_000)}}${'{'.repeat(200_000)}\\bin999999999 `,
      ),
    expected: 'searchable',
    contains: TEXT,
  },
  {
    name: 'e-mail: a thousand parts in each other',
    mediaType: 'message/rfc822',
    bytes: () => {
      const open = Array.from(
        { length: 1000 },
        (_, i) => `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`,
      )
      return Buffer.from(
        `Subject: ${TEXT}\r\nFrom: a@b.test\r\n${open.join('')}Content-Type: text/plain\r\n\r\n${TEXT}\r\n`,
      )
    },
    expected: ['damaged', 'empty', 'no_text'],
  },
  {
    name: 'e-mail: pictures from elsewhere, and an attachment with a path for a name',
    mediaType: 'message/rfc822',
    bytes: ({ url, path }) =>
      Buffer.from(
        `Subject: Lamp\r\nFrom: a@b.test\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>${TEXT}</p><img src="${url}/pixel.gif">\r\n` +
          `--b\r\nContent-Type: message/external-body; access-type=local-file; name="${path}"\r\n\r\n\r\n--b\r\nContent-Type: text/plain; name="../../${path}"\r\nContent-Disposition: attachment; filename="../../..${path}"\r\n\r\nattached\r\n--b--\r\n`,
      ),
    expected: 'searchable',
    contains: TEXT,
  },
]

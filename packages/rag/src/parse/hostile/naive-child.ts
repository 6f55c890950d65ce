/**
 * Stands in for the parser's child in tests: a reader that does all that ours must not. It follows each address and path
 * in a file, and inflates what it finds without looking at its size; what comes of it is the text.
 */
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import { endWithParent } from '../end-with-parent.ts'
import type { ToChild } from '../protocol.ts'

/** A central directory's entry names the packed data; a bomb's is the largest. */
const COPIES = 6
const held: Buffer[] = []

async function textOf(path: string): Promise<string> {
  const bytes = readFileSync(path)
  const source = bytes.toString('latin1')
  const texts = [source]
  for (const [, file] of source.matchAll(/file:\/\/(\/[^"')\s]+)/gu)) texts.push(readFileSync(file ?? '', 'utf8'))
  for (const [url] of source.matchAll(/http:\/\/127[^"')\s]+/gu))
    texts.push(
      await fetch(url).then(
        (reply) => reply.text(),
        () => '',
      ),
    )
  const bomb = bytes.indexOf('word/document.xml')
  if (bytes.subarray(0, 2).toString() === 'PK' && bomb !== -1)
    for (let i = 0; i < COPIES; i++) held.push(inflateRawSync(bytes.subarray(bomb + 'word/document.xml'.length)))
  return texts.join('\n').replaceAll('\0', '')
}

process.on('message', (message: ToChild) => {
  if (message.type === 'warm') process.send?.({ type: 'warm' })
  else if (message.type === 'next') process.send?.({ type: 'end' })
  else
    void textOf(message.file.path).then((text) =>
      process.send?.({
        type: 'page',
        step: {
          page: { ordinal: 1, page: null, text, width: null, height: null, boxes: [], blocks: [] },
          pageCount: null,
        },
      }),
    )
})
process.on('disconnect', () => process.exit(0))
endWithParent()

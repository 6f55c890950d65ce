import type { MediaType } from '@quarry/contracts'
import { frameOf } from '../ocr/frame-of.ts'
import { Outcomes } from '../ocr/outcomes.ts'
import type { Recogniser } from '../ocr/recogniser.ts'
import { ParseFailure, type ReadStep } from '../parsed-page.ts'
import { PageComposer } from '../pdf/compose-page.ts'
import { bytesOf, type Source } from '../source.ts'
import { imageHeader } from './image-header.ts'

/**
 * Recognises the text of an image: one page, its boxes in pixels of the image as people see it.
 * @throws ParseFailure `damaged`, `too_much_memory` by what its header says, or why there is no text.
 */
export async function* readImage(
  source: Source,
  mediaType: MediaType,
  recogniser: Recogniser,
): AsyncGenerator<ReadStep> {
  const header = imageHeader(await bytesOf(source), mediaType)
  if (header === null) throw new ParseFailure('damaged')
  const pixels = header.width * header.height
  if (!recogniser.fits(pixels * header.memoryPerPixel)) throw new ParseFailure('too_much_memory')
  const at = { ordinal: 1, pageCount: null }
  if (!recogniser.on) throw new ParseFailure('no_text')
  const recognised = await recogniser.recognise(source, { type: 'image', turns: header.turns, pixels }, at)
  // Leptonica, which has looked at the bytes, cannot read them.
  if (recognised.outcome === 'failed' && recognised.why === 'crashed') throw new ParseFailure('damaged')
  const [width, height] = header.turns % 2 === 0 ? [header.width, header.height] : [header.height, header.width]
  const seen = recognised.outcome === 'seen' ? [frameOf({ ...recognised.page, width, height })] : []
  const composed = new PageComposer().compose(seen, { width, height })
  const outcomes = new Outcomes()
  const warning = outcomes.warningOf({ recognised, blank: false }, composed.text)
  outcomes.count(composed.text, warning)
  outcomes.demandText()
  const page = { ordinal: 1, page: null, width, height, ...composed, ocr: true }
  yield { page, pageCount: null, ...(warning === undefined ? {} : { warning }) }
}

import { frameOf } from '../ocr/frame-of.ts'
import type { Recogniser, Recognised } from '../ocr/recogniser.ts'
import type { Source } from '../source.ts'
import type { PageSize } from './compose-page.ts'
import type { Frame } from './words.ts'

/** What a page says as text. */
export interface TextLayer extends PageSize {
  readonly frames: readonly Frame[]
  /** Whether the page draws anything. */
  readonly draws: boolean
}

/** A page with so many letters has a text layer that is worth having. Stamps and page numbers over a scan have fewer. */
const USABLE_LETTERS = 100
/** A page is a scan when images cover so much of it; a figure or a logo on a title page covers less. */
const SCAN_SHARE = 0.6
/** A scan has to tell more than what the page says already, which is without errors. */
const WORTH = 2

export interface Scan {
  /** Null when that was not tried. */
  readonly recognised: Recognised | null
  /** Whether the page shows nothing at all, as far as can be told: pages are left empty on purpose. */
  readonly blank: boolean
  /** Instead of the text layer's, where recognition found more. */
  readonly frames?: readonly Frame[]
}

/**
 * Recognises a page that has no usable text layer of its own: one that is mostly an image, or that shows something and
 * says nothing. All other pages cost nothing.
 */
export async function recogniseScan(
  recogniser: Recogniser,
  source: Source,
  layer: TextLayer,
  at: { readonly ordinal: number; readonly pageCount: number },
): Promise<Scan> {
  const letters = lettersIn(layer.frames)
  const untouched: Scan = { recognised: null, blank: !layer.draws }
  if (!recogniser.on || !layer.draws || letters >= USABLE_LETTERS) return untouched
  const look = await recogniser.look(source, at.ordinal)
  if (look?.painted === false) return { ...untouched, blank: true }
  if (look !== null && letters > 0 && look.imageShare < SCAN_SHARE) return untouched
  const recognised = await recogniser.recognise(source, { type: 'page', page: at.ordinal }, at)
  if (recognised.outcome === 'failed') return { ...untouched, recognised }
  const frame = frameOf(recognised.page)
  const found = lettersIn([frame])
  const scan = { recognised, blank: recognised.page.blank }
  return found > 0 && found >= WORTH * letters ? { ...scan, frames: [frame] } : scan
}

const lettersIn = (frames: readonly Frame[]) =>
  frames.reduce(
    (sum, { words }) => sum + words.reduce((n, { text }) => n + (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0), 0),
    0,
  )

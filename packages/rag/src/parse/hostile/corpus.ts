import { ARCHIVES } from './archives.ts'
import type { HostileFile } from './hostile-file.ts'
import { IMAGES } from './images.ts'
import { OFFICE_PARTS } from './office-parts.ts'
import { PDFS } from './pdfs.ts'
import { TEXTS } from './texts.ts'

/** Files of our own making that try to do harm, and benign twins that show that the formats are read at all. */
export const CORPUS: readonly HostileFile[] = [...ARCHIVES, ...OFFICE_PARTS, ...PDFS, ...IMAGES, ...TEXTS]

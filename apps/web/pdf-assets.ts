import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const FOLDERS = ['cmaps', 'standard_fonts', 'wasm', 'iccs']

/**
 * Copies what pdf.js loads by address at run time (character maps, standard fonts, decoders) from the installed package
 * into `public/pdfjs`, so that the viewer needs no other host. Does nothing where they are; an upgrade makes a new folder.
 */
export const copyPdfAssets = (): void => {
  const manifest = createRequire(import.meta.url).resolve('pdfjs-dist/package.json')
  const target = join(import.meta.dirname, 'public', 'pdfjs')
  const source = dirname(manifest)
  const marker = join(target, 'package.json')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === readFileSync(manifest, 'utf8')) return
  rmSync(target, { recursive: true, force: true })
  for (const folder of FOLDERS) cpSync(join(source, folder), join(target, folder), { recursive: true })
  cpSync(manifest, marker) // last: it says that the copy is complete
}

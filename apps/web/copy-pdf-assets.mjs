// Copies what pdf.js loads by address at run time (character maps, standard fonts, decoders) from the installed
// package into `public/pdfjs`, so that the viewer needs no other host. It runs before `next build` and `next dev`.
import { cp, mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const FOLDERS = ['cmaps', 'standard_fonts', 'wasm', 'iccs']
const from = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'))
const to = join(import.meta.dirname, 'public', 'pdfjs')

await rm(to, { recursive: true, force: true })
await mkdir(to, { recursive: true })
await Promise.all(FOLDERS.map((folder) => cp(join(from, folder), join(to, folder), { recursive: true })))

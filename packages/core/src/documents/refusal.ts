import { extensionOf, FAILURES, mediaTypeByName, type CreateManyOutput } from '@quarry/contracts'

type Refusal = NonNullable<CreateManyOutput[number]['refused']>

/** What to do about a kind of file that many have: its program writes one that can be read. */
const SAVE_AS: Readonly<Record<string, string>> = {
  doc: 'Open it in Word or LibreOffice, save it as .docx, and upload that.',
  dot: 'Open it in Word or LibreOffice, save it as .docx, and upload that.',
  wpd: 'Open it in LibreOffice, save it as .docx, and upload that.',
  pages: 'Export it from Pages as Word or PDF, and upload that.',
  xls: 'Open it in Excel or LibreOffice, save it as .xlsx, and upload that.',
  xlsb: 'Open it in Excel, save it as .xlsx, and upload that.',
  ods: 'Open it in LibreOffice, save it as .xlsx, and upload that.',
  numbers: 'Export it from Numbers as Excel, and upload that.',
  ppt: 'Open it in PowerPoint or LibreOffice, save it as .pptx, and upload that.',
  odp: 'Open it in LibreOffice, save it as .pptx, and upload that.',
  key: 'Export it from Keynote as PowerPoint or PDF, and upload that.',
  mobi: 'Convert it to EPUB, for example with Calibre, and upload that.',
  azw3: 'Convert it to EPUB, for example with Calibre, and upload that.',
  msg: 'Save the message as .eml, and upload that.',
  mbox: 'Save the messages as .eml files, and upload those.',
  heic: 'Save the picture as JPEG or PNG, and upload that.',
  tif: 'Save the picture as PNG or PDF, and upload that.',
  tiff: 'Save the picture as PNG or PDF, and upload that.',
  zip: 'Unpack it, and upload the folder.',
  // Records of programs, often of the same documents: test questions, logs, exports. They would outrank what they quote.
  jsonl: 'Turn the records that people should find into a .csv file, and upload that.',
  ndjson: 'Turn the records that people should find into a .csv file, and upload that.',
}
/**
 * Endings that say what a file claims to be and that nothing here reads. Files without one, or with one that is not
 * known at all, are looked at when their bytes are there; these are refused before a byte is sent.
 */
const UNSUPPORTED = new Set([
  ...Object.keys(SAVE_AS),
  ...(
    'svg gif bmp ico psd mp3 wav m4a ogg flac mp4 mov avi mkv webm gz tgz bz2 xz 7z rar tar ' +
    'exe dll so dmg iso bin class jar wasm db sqlite parquet pickle pkl'
  ).split(' '),
])

/** Why a file is not even taken, by its name and size; null when it is. */
export const refusalOf = (file: { path: string; sizeBytes: number }, maxBytes: number): Refusal | null => {
  const extension = extensionOf(file.path)
  if (mediaTypeByName(file.path) === null && UNSUPPORTED.has(extension))
    return {
      code: 'unsupported_type',
      message: `Files of type .${extension} are not supported.`,
      action: SAVE_AS[extension] ?? FAILURES.unsupported_type.action,
    }
  if (file.sizeBytes > maxBytes)
    return { code: 'too_large', message: FAILURES.too_large.message, action: FAILURES.too_large.action }
  return null
}

import { FAILURES, type CreateManyOutput } from '@quarry/contracts'

type Refusal = NonNullable<CreateManyOutput[number]['refused']>

/**
 * Endings that say what a file claims to be, with what is accepted for each. Files without one, or with one that
 * is not known here, are looked at when their bytes are there; these are refused before a byte is sent.
 */
const KNOWN_UNSUPPORTED = new Set(
  (
    'doc docx docm dot dotx odt rtf pages xls xlsx xlsm xlsb ods numbers csv tsv ppt pptx pptm odp key epub mobi azw3 ' +
    'htm html xhtml xml svg json jsonl yaml yml eml msg mbox ' +
    'png jpg jpeg gif webp bmp tif tiff heic ico psd mp3 wav m4a ogg flac mp4 mov avi mkv webm ' +
    'zip gz tgz bz2 xz 7z rar tar exe dll so dmg iso bin class jar wasm db sqlite parquet pickle pkl'
  ).split(' '),
)

export const extensionOf = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

/** Why a file is not even taken, by its name and size; null when it is. */
export const refusalOf = (file: { path: string; sizeBytes: number }, maxBytes: number): Refusal | null => {
  const extension = extensionOf(file.path)
  if (KNOWN_UNSUPPORTED.has(extension))
    return { ...sentencesOf('unsupported_type'), message: `Files of type .${extension} are not supported.` }
  if (file.sizeBytes > maxBytes) return sentencesOf('too_large')
  return null
}

const sentencesOf = (code: 'unsupported_type' | 'too_large'): Refusal => ({
  code,
  message: FAILURES[code].message,
  action: FAILURES[code].action,
})

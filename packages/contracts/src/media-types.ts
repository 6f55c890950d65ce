import { z } from 'zod'

interface Format {
  /** What people call it. */
  readonly name: string
  /** Endings, lower case and without the dot, by which a picker and the command line know it. Its content decides. */
  readonly extensions: readonly string[]
  /** What a viewer shows besides the text: the page as it looks, or nothing. */
  readonly looks?: 'pdf' | 'image'
}

/** Every format that can be read, by media type. The only list: pickers, the command line, detection and readers go by it. */
export const MEDIA_TYPES = {
  'application/pdf': { name: 'PDF', extensions: ['pdf'], looks: 'pdf' },
  'text/markdown': { name: 'Markdown', extensions: ['md', 'markdown', 'mdown', 'mkd'] },
  'text/plain': { name: 'Text', extensions: ['txt', 'text', 'log', 'rst', 'adoc', 'org', 'tex', 'srt', 'vtt'] },
  'text/html': { name: 'HTML', extensions: ['html', 'htm', 'xhtml'] },
  'text/csv': { name: 'CSV', extensions: ['csv', 'tsv'] },
  'text/x-source-code': {
    name: 'Source code',
    extensions: [
      ...['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx', 'py', 'rb', 'php', 'java', 'kt', 'kts', 'scala', 'go'],
      ...[
        'rs',
        'c',
        'h',
        'cc',
        'cpp',
        'hpp',
        'cs',
        'fs',
        'swift',
        'm',
        'mm',
        'lua',
        'pl',
        'pm',
        'r',
        'jl',
        'dart',
        'ex',
      ],
      ...['exs', 'erl', 'hs', 'ml', 'clj', 'lisp', 'vue', 'svelte', 'css', 'scss', 'less', 'sql', 'sh', 'bash', 'zsh'],
      ...['ps1', 'bat', 'json', 'yaml', 'yml', 'toml', 'ini', 'cfg', 'conf', 'xml', 'xsd', 'proto', 'graphql'],
      ...['tf', 'gradle', 'cmake', 'mk', 'diff', 'patch'],
    ],
  },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': { name: 'Word', extensions: ['docx'] },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': { name: 'Excel', extensions: ['xlsx'] },
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': {
    name: 'PowerPoint',
    extensions: ['pptx'],
  },
  'application/epub+zip': { name: 'EPUB', extensions: ['epub'] },
  'application/vnd.oasis.opendocument.text': { name: 'OpenDocument text', extensions: ['odt'] },
  'application/rtf': { name: 'RTF', extensions: ['rtf'] },
  'message/rfc822': { name: 'E-mail', extensions: ['eml'] },
  'image/png': { name: 'PNG image', extensions: ['png'], looks: 'image' },
  'image/jpeg': { name: 'JPEG image', extensions: ['jpg', 'jpeg'], looks: 'image' },
  'image/webp': { name: 'WebP image', extensions: ['webp'], looks: 'image' },
} as const satisfies Record<string, Format>

export type MediaType = keyof typeof MEDIA_TYPES
export const mediaType = z.enum(Object.keys(MEDIA_TYPES) as [MediaType, ...MediaType[]])

export const formatOf = (type: MediaType): Format => MEDIA_TYPES[type]

/** "PDF, Word, Excel …": for a person who wonders what to upload. */
export const formatNames = (): string =>
  Object.values(MEDIA_TYPES)
    .map(({ name }) => name)
    .join(', ')

const BY_EXTENSION = new Map(
  Object.entries(MEDIA_TYPES).flatMap(([type, { extensions }]) =>
    extensions.map((extension) => [extension as string, mediaType.parse(type)] as const),
  ),
)

/** Lower case, without the dot; '' for a name without one. Hidden files (`.env`) have none. */
export const extensionOf = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

/** What a file claims to be by its name; null when its name says nothing that is known here. */
export const mediaTypeByName = (path: string): MediaType | null => BY_EXTENSION.get(extensionOf(path)) ?? null

/** For the `accept` of a file picker: ".pdf,.md,…". */
export const acceptedExtensions = (): string => [...BY_EXTENSION.keys()].map((extension) => `.${extension}`).join(',')

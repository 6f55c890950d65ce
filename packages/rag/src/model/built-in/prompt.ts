import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import { z } from 'zod'
import type { PassageView } from '../../answer/tools.ts'
import type { WordFrequency } from '../../retrieve/retrieve.ts'

export interface FoundPlaces {
  readonly passages: readonly PassageView[]
  readonly places: number
}

/** What the built-in model takes from a prompt. */
export interface Situation {
  readonly question: string
  /** The user's message before, if any. */
  readonly previous: string | null
  readonly searches: number
  readonly reads: number
  /** Where the words of the best quotation stand in its document; null before that was looked up. */
  readonly found: FoundPlaces | null
  /** Of all tool results since the question, each label once. */
  readonly passages: readonly PassageView[]
  readonly words: readonly WordFrequency[]
  readonly searched: number
  readonly inputChars: number
}

const passageView = z.object({
  label: z.string(),
  document: z.string(),
  page: z.number().nullable(),
  heading: z.string(),
  text: z.string(),
})
const toolOutput = z.object({
  passages: z.array(passageView).default([]),
  words: z
    .array(z.object({ word: z.string(), passages: z.number(), forms: z.array(z.string()).default([]) }))
    .default([]),
  searched: z.number().default(0),
  places: z.number().default(0),
})

export function readPrompt(prompt: LanguageModelV4Prompt): Situation {
  const asked = prompt.findLastIndex((message) => message.role === 'user')
  const users = prompt.flatMap((message) => (message.role === 'user' ? [textOf(message.content)] : []))
  const passages = new Map<string, PassageView>()
  const words = new Map<string, WordFrequency>()
  let searched = 0
  let searches = 0
  let reads = 0
  let found: FoundPlaces | null = null
  for (const message of prompt.slice(asked + 1)) {
    if (message.role !== 'tool') continue
    for (const part of message.content) {
      if (part.type !== 'tool-result') continue
      if (part.toolName === 'search_documents') searches++
      if (part.toolName === 'read_document') reads++
      const parsed = part.output.type === 'json' ? toolOutput.safeParse(part.output.value) : null
      if (part.toolName === 'find_in_document') {
        // Of a refusal, too: it is not asked again.
        found = { passages: parsed?.data?.passages ?? [], places: parsed?.data?.places ?? 0 }
        continue
      }
      if (!parsed?.success) continue
      for (const passage of parsed.data.passages) passages.set(passage.label, passage)
      for (const word of parsed.data.words) {
        const forms = new Set([...(words.get(word.word)?.forms ?? []), ...word.forms])
        words.set(word.word, { ...word, forms: [...forms] })
      }
      searched = Math.max(searched, parsed.data.searched)
    }
  }
  return {
    question: users.at(-1) ?? '',
    previous: users.at(-2) ?? null,
    searches,
    reads,
    found,
    passages: [...passages.values()],
    words: [...words.values()],
    searched,
    inputChars: JSON.stringify(prompt).length,
  }
}

const textOf = (content: readonly { readonly type: string; readonly text?: string }[]) =>
  content.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join(' ')

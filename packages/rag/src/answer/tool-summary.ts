import { answerTool, type AnswerTool } from '@quarry/contracts'

export const isToolName = (name: string): name is AnswerTool => answerTool.safeParse(name).success

/** Longer queries are cut in the event: it is a line in the interface. */
const MAX_CHARS = 200

/** Words for a person about a tool's input: the query, or the document. Input comes from a model and may be anything. */
export function callSummary(input: unknown): string {
  if (typeof input !== 'object' || input === null) return ''
  const { query, document, page, words } = input as Record<string, unknown>
  if (typeof words === 'string') return `“${words.slice(0, MAX_CHARS)}”`
  if (typeof query === 'string') return query.slice(0, MAX_CHARS)
  if (typeof document !== 'string') return ''
  return (typeof page === 'number' ? `${document}, page ${page}` : document).slice(0, MAX_CHARS)
}

/** "12 passages in 3 documents", "40 documents", "3 places". */
export function resultSummary(output: unknown): string {
  if (typeof output !== 'object' || output === null) return ''
  const { passages, total, places } = output as Record<string, unknown>
  if (typeof places === 'number') return places === 0 ? 'nothing found' : plural(places, 'place')
  if (typeof total === 'number') return plural(total, 'document')
  if (!Array.isArray(passages)) return ''
  if (passages.length === 0) return 'nothing found'
  const documents = new Set(passages.map((passage: unknown) => (passage as { document?: unknown }).document))
  return `${plural(passages.length, 'passage')} in ${plural(documents.size, 'document')}`
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

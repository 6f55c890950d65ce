import { z } from 'zod'
import type { AnswerTool } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import type { QueryEmbedder } from '../embed/query-embedder.ts'
import type { WordFrequency } from '../retrieve/retrieve.ts'
import { retrieveWithWords } from '../retrieve/retrieve.ts'
import { agentTool, functionTool, type AgentTool } from './agent-tool.ts'
import type { AnswerBudgets } from './budgets.ts'
import { findInDocument } from './find-in-document.ts'
import { listDocuments } from './list-documents.ts'
import type { PassageRegistry, ShownPassage } from './passage-registry.ts'
import { readDocumentPart } from './read-document.ts'
import type { AnswerScope } from './scope.ts'
import { ToolRefusal } from './tool-refusal.ts'

/** A passage as the model sees it. JSON, so that no text inside a document can pretend to be another passage. */
export interface PassageView {
  readonly label: string
  readonly document: string
  readonly page: number | null
  readonly heading: string
  readonly text: string
}

export interface SearchResult {
  readonly passages: readonly PassageView[]
  /** In how many of `searched` passages each word of the query occurs: 0 means that no document has it. */
  readonly words: readonly WordFrequency[]
  readonly searched: number
}

export interface ToolDeps {
  readonly tenantDb: TenantDb
  readonly embedder: QueryEmbedder | null
  readonly scope: AnswerScope
  readonly passages: PassageRegistry
  readonly budgets: AnswerBudgets
}

/** A model asks for more than it can read; passages beyond this are rarely cited. */
const MAX_PASSAGES = 20
const DEFAULT_PASSAGES = 8

const searchDocuments = {
  description:
    'Search the documents by words. Returns passages with labels to cite, best first, and how many passages have each word of the query, in which forms. Use the words that the documents would use; try others when nothing fits.',
  input: z.object({
    query: z.string().trim().min(1).max(1000).describe('Words to look for, or the question itself'),
    limit: z.int().min(1).max(MAX_PASSAGES).nullish().describe(`Most passages to return, default ${DEFAULT_PASSAGES}`),
  }),
}
const readDocument = {
  description:
    'Read a page of a document, or a section where the format has no pages. Use it when a passage is cut off or more context is needed.',
  input: z.object({
    document: z.string().trim().min(1).max(1000).describe('A passage label such as p3, or the name of a document'),
    page: z.int().min(1).nullish().describe('1-based page or section; default: where the passage is, or the first'),
    part: z.int().min(1).max(1000).nullish().describe('1-based part of a long page, default 1'),
  }),
}
const findWords = {
  description:
    'Find every place where exact words stand in one document, in its order, with labels to cite. Use it to tell whether a line is said once or in many places.',
  input: z.object({
    document: z.string().trim().min(1).max(1000).describe('A passage label such as p3, or the name of a document'),
    words: z.string().trim().min(2).max(300).describe('The words, letter for letter'),
  }),
}
const listNames = {
  description:
    'List the documents that can be searched, by name. Use it for questions about which documents there are.',
  input: z.object({
    query: z.string().trim().max(200).nullish().describe('Part of a name or title; default: all'),
  }),
}

/** As models are told of them. Made once: the JSON Schema of them costs as much as a short answer. */
export const FUNCTION_TOOLS = Object.entries({
  search_documents: searchDocuments,
  read_document: readDocument,
  find_in_document: findWords,
  list_documents: listNames,
} satisfies Record<AnswerTool, object>).map(([name, description]) => functionTool(name, description))

/** The tools of a run by their names. */
export type AnswerTools = Readonly<Record<AnswerTool, AgentTool>>

/**
 * The tools of a run. Tenant, scope and labels come from here and are the same for every call; arguments only say
 * what to look for.
 */
export function createTools({ tenantDb, embedder, scope, passages, budgets }: ToolDeps): AnswerTools {
  let charsLeft = budgets.allToolResultsChars - passages.chars

  /** Labels what fits; the first one is always shown, cut if need be. */
  const show = (found: readonly ShownPassage[]): PassageView[] => {
    if (charsLeft <= 0) throw new ToolRefusal('Nothing more can be shown in this run. Answer from what you have.')
    let room = Math.min(budgets.toolResultChars, charsLeft)
    const views: PassageView[] = []
    for (const passage of found) {
      if (passage.text.length > room && views.length > 0) break
      const text = passage.text.slice(0, Math.max(room, 0))
      const shown = { ...passage, text, span: { start: passage.span.start, end: passage.span.start + text.length } }
      const { document, page, headingPath } = passage
      views.push({ label: passages.label(shown), document, page, heading: headingPath.join(' › '), text })
      room -= text.length
      charsLeft -= text.length
    }
    return views
  }

  return {
    search_documents: agentTool(searchDocuments, async ({ query, limit }): Promise<SearchResult> => {
      const collectionIds = scope.collectionIds && [...scope.collectionIds]
      const documentIds = scope.documentIds && [...scope.documentIds]
      const input = { query, limit: limit ?? DEFAULT_PASSAGES, collectionIds, documentIds }
      const { hits, words, passages: searched } = await retrieveWithWords(tenantDb, input, { embedder })
      return { passages: show(hits), words, searched }
    }),
    read_document: agentTool(readDocument, async ({ document, page, part }) => {
      const read = await readDocumentPart(tenantDb, scope, passages.get(document), document, page ?? null, part ?? 1)
      return { passages: show([read.passage]), pages: read.pages, part: read.part, parts: read.parts }
    }),
    find_in_document: agentTool(findWords, async ({ document, words }) => {
      const found = await findInDocument(tenantDb, scope, passages.get(document), document, words)
      return { passages: show(found.passages), places: found.places }
    }),
    list_documents: agentTool(listNames, ({ query }) => listDocuments(tenantDb, scope, query ?? null)),
  }
}

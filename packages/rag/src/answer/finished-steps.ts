import { collectionId, documentId, span, versionId } from '@quarry/contracts'
import type { DocumentId, FinishedStep } from '@quarry/contracts'
import { z } from 'zod'
import { modelMessage, type ModelMessage } from './model-message.ts'
import type { ShownPassage } from './passage-registry.ts'

const shownPassage: z.ZodType<ShownPassage> = z.object({
  documentId,
  versionId,
  collectionId,
  document: z.string(),
  title: z.string(),
  ordinal: z.int(),
  page: z.int().nullable(),
  headingPath: z.array(z.string()),
  span,
  text: z.string(),
})
const labelled = z.array(z.tuple([z.string(), shownPassage]))
const modelMessages = z.array(modelMessage)

/** A label and what it stands for, as a tool of one step showed it first. */
export type LabelledPassage = readonly [label: string, passage: ShownPassage]

export interface FinishedWork {
  readonly messages: readonly ModelMessage[]
  readonly passages: readonly LabelledPassage[]
}

/** What the model was told in these steps, oldest first. Throws ZodError for steps that are of another release. */
export const readFinishedSteps = (steps: readonly FinishedStep[]): FinishedWork => ({
  messages: steps.flatMap((step) => modelMessages.parse(step.messages)),
  passages: steps.flatMap((step) => labelled.parse(step.passages)),
})

/** The documents that these steps draw on, each once. Throws ZodError as `readFinishedSteps`. */
export const documentsOf = (steps: readonly FinishedStep[]): DocumentId[] => [
  ...new Set(readFinishedSteps(steps).passages.map(([, passage]) => passage.documentId)),
]

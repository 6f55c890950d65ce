'use client'

import type { Citation } from '@quarry/contracts'
import { createContext, use } from 'react'
import type { SourcePlace } from '../viewer/source-address.ts'

interface AnswerContextValue {
  citations: ReadonlyMap<number, Citation>
  /** The number whose source is open beside the answer. */
  openMarker: number | null
  onOpen: (place: SourcePlace) => void
}

/** What the parts of one answer share: its citations by number, and how to open one. */
export const AnswerContext = createContext<AnswerContextValue>({
  citations: new Map(),
  openMarker: null,
  onOpen: () => undefined,
})

export const useAnswer = (): AnswerContextValue => use(AnswerContext)

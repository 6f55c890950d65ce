import type { Citation, RunEvent, RunEventBody, RunFailure } from '@quarry/contracts'

type ToolEvent = Extract<RunEventBody, { type: 'tool' }>
type EndEvent = Extract<RunEventBody, { type: 'end' }>

/** One use of a tool, as a person follows it: what was looked for, and what came of it. */
export interface RunStep {
  readonly callId: string
  readonly tool: ToolEvent['tool']
  readonly summary: string
  readonly outcome: string | null
  readonly failed: boolean
}

/** Everything a reader of a run's log knows after its events so far. */
export interface RunState {
  readonly lastEventId: number
  readonly status: 'started' | 'searching' | 'reading' | 'writing'
  readonly text: string
  readonly citations: readonly Citation[]
  readonly steps: readonly RunStep[]
  readonly failure: RunFailure | null
  readonly end: Omit<EndEvent, 'type'> | null
}

export const initialRun: RunState = {
  lastEventId: 0,
  status: 'started',
  text: '',
  citations: [],
  steps: [],
  failure: null,
  end: null,
}

const applyTool = (steps: readonly RunStep[], event: ToolEvent): readonly RunStep[] => {
  const { callId, tool, phase, summary } = event
  if (phase === 'call') return [...steps, { callId, tool, summary, outcome: null, failed: false }]
  return steps.map((step) => (step.callId === callId ? { ...step, outcome: summary, failed: phase === 'error' } : step))
}

/** The next state. An event that was seen already changes nothing, so a reader may be given any of them again. */
export const applyRunEvent = (state: RunState, event: RunEvent): RunState => {
  if (event.id <= state.lastEventId) return state
  const seen = { ...state, lastEventId: event.id }
  switch (event.type) {
    case 'status':
      return { ...seen, status: event.status }
    case 'text':
      return { ...seen, status: 'writing', text: state.text + event.delta }
    case 'tool':
      return { ...seen, steps: applyTool(state.steps, event) }
    case 'citation':
      return { ...seen, citations: [...state.citations.filter((c) => c.id !== event.citation.id), event.citation] }
    case 'reset':
      return { ...initialRun, lastEventId: event.id }
    case 'move':
      return seen
    case 'error':
      return { ...seen, failure: event.failure }
    case 'end': {
      const { state: endState, abstained, model, usage, timings } = event
      return { ...seen, end: { state: endState, abstained, model, usage, timings } }
    }
  }
}

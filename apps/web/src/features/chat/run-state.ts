import {
  addToolEvent,
  type Citation,
  type RunEvent,
  type RunEventBody,
  type RunFailure,
  type RunStatus,
  type RunStep,
} from '@quarry/contracts'

type EndEvent = Extract<RunEventBody, { type: 'end' }>

/** Everything a reader of a run's log knows after its events so far. */
export interface RunState {
  readonly lastEventId: number
  readonly status: RunStatus
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
      return { ...seen, steps: addToolEvent(state.steps, event) }
    case 'citation':
      return { ...seen, citations: [...state.citations.filter((c) => c.id !== event.citation.id), event.citation] }
    case 'reset': {
      const { text = '', citations = [], steps = [] } = event
      return {
        ...initialRun,
        status: text === '' ? 'started' : 'writing',
        lastEventId: event.id,
        text,
        citations,
        steps,
      }
    }
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

import { addToolEvent, type Citation, type RunEventBody, type RunStep } from '@quarry/contracts'

/** What a reader has on the screen after these events: everything since the last reset, and what that put there. */
export class Transcript {
  text = ''
  citations: readonly Citation[] = []
  steps: readonly RunStep[] = []

  add(body: RunEventBody): void {
    if (body.type === 'reset') {
      this.text = body.text ?? ''
      this.citations = body.citations ?? []
      this.steps = body.steps ?? []
    } else if (body.type === 'text') {
      this.text += body.delta
    } else if (body.type === 'citation') {
      this.citations = [...this.citations.filter((c) => c.id !== body.citation.id), body.citation]
    } else if (body.type === 'tool') {
      this.steps = addToolEvent(this.steps, body)
    }
  }
}

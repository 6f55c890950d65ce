import type { Citation, RunEventBody } from '@quarry/contracts'

/** What a reader has on the screen after these events: text and citations since the last reset. */
export class Transcript {
  text = ''
  citations: Citation[] = []

  add(body: RunEventBody): void {
    if (body.type === 'reset') {
      this.text = ''
      this.citations = []
    } else if (body.type === 'text') {
      this.text += body.delta
    } else if (body.type === 'citation') {
      this.citations = [...this.citations.filter((c) => c.id !== body.citation.id), body.citation]
    }
  }
}

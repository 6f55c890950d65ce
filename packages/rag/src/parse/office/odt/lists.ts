import type { Attributes } from '../xml-events.ts'

interface Level {
  readonly isNumber: boolean
  readonly suffix: string
  readonly start: number
}
interface OpenList {
  readonly style: string
  count: number
}

const DEEPEST = 10

/** Lists of an OpenDocument text (ODF 1.3 part 3, 5.3 and 16.30): styles say what is numbered, nesting how deep. */
export class OdtLists {
  readonly #styles = new Map<string, Map<number, Level>>()
  readonly #open: OpenList[] = []
  /** Where a list of this style ended, for those that go on. */
  readonly #ended = new Map<string, number>()
  #style = ''

  get depth(): number {
    return this.#open.length
  }

  defineStyle(name: string): void {
    this.#style = name
    this.#styles.set(name, new Map())
  }

  defineLevel(isNumber: boolean, attributes: Attributes): void {
    const format = attributes['num-format']
    this.#styles.get(this.#style)?.set(Number(attributes['level']), {
      isNumber: isNumber && format !== undefined && format !== '',
      suffix: (attributes['num-suffix'] ?? '').slice(0, 4),
      start: Number(attributes['start-value'] ?? '1') || 1,
    })
  }

  open(attributes: Attributes): void {
    const style = attributes['style-name'] ?? this.#open.at(-1)?.style ?? ''
    const goesOn = attributes['continue-numbering'] === 'true' && this.#open.length === 0
    const start = this.#styles.get(style)?.get(this.#open.length + 1)?.start ?? 1
    this.#open.push({ style, count: (goesOn ? this.#ended.get(style) : undefined) ?? start - 1 })
  }

  close(): void {
    const list = this.#open.pop()
    if (list !== undefined && this.#open.length === 0) this.#ended.set(list.style, list.count)
  }

  /** The mark of the next item: `1.` or `-`. */
  mark(startValue: string | undefined): string {
    const list = this.#open.at(-1)
    if (list === undefined) return '-'
    const start = Number(startValue ?? '')
    list.count = startValue !== undefined && Number.isSafeInteger(start) ? start : list.count + 1
    const level = this.#styles.get(list.style)?.get(Math.min(this.#open.length, DEEPEST))
    return level?.isNumber === true ? `${list.count}${level.suffix}` : '-'
  }
}

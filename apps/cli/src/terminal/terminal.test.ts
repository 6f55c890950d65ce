import { describe, expect, it } from 'vitest'
import { displayWidth, table } from './table.ts'
import { makeTerminal } from './terminal.ts'

const sink = (isTTY: boolean, columns = 40) => {
  let text = ''
  return {
    isTTY,
    columns,
    write: (chunk: string | Uint8Array) => ((text += String(chunk)), true),
    read: () => text,
  }
}

describe('makeTerminal', () => {
  it('shows progress only on a terminal, cut to its width, and clears it before a result', () => {
    const out = sink(true)
    const err = sink(true)
    const terminal = makeTerminal(out, err, { colour: true })
    terminal.progress('x'.repeat(60))
    terminal.out('result\n')
    expect(out.read()).toBe('result\n')
    expect(err.read()).toBe(`\r\u001B[K${'x'.repeat(39)}\r\u001B[K`)
  })

  it('shows whole lines on a terminal that does not know its width', () => {
    const err = sink(true, 0)
    makeTerminal(sink(true), err, { colour: true }).progress('1 of 2 files')
    expect(err.read()).toBe('\r\u001B[K1 of 2 files')
  })

  it('writes nothing but results and notes where nobody looks, without colour', () => {
    const out = sink(false)
    const err = sink(false)
    const terminal = makeTerminal(out, err, { colour: true })
    terminal.progress('working')
    terminal.out(terminal.style.bold('result'))
    terminal.note('note')
    expect(out.read()).toBe('result')
    expect(err.read()).toBe('note\n')
  })

  it('has no colour where it is not wanted', () => {
    const terminal = makeTerminal(sink(true), sink(true), { colour: false })
    expect(terminal.style.red('x')).toBe('x')
  })
})

describe('table', () => {
  it('aligns wide characters and folds cells into one line', () => {
    expect(displayWidth('合同.txt')).toBe(8)
    expect(
      table([
        ['合同.txt', 'a\nb'],
        ['long name', 'c'],
      ]),
    ).toBe('合同.txt   a b\nlong name  c\n')
  })
})

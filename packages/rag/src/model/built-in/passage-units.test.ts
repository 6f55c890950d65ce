import { describe, expect, test } from 'vitest'
import { unitsOf } from './passage-units.ts'

const read = (text: string, heading = '') => unitsOf({ label: 'p1', document: 'a.pdf', page: 1, heading, text })

describe('lines that only point somewhere', () => {
  test('dot leaders', () => {
    const { pointers, units } = read(
      'Contents\n\n1 Fares . . . . . . . . . 3\n\n2 Crew ............ 9\n\n3 Lost property . . . . . . 12',
    )
    expect(pointers).toBe(true)
    expect(units.filter((unit) => /Fares|Crew|Lost/.test(unit.text)).every((unit) => unit.pointer)).toBe(true)
  })
  test('a table of contents without leaders: page numbers rise', () => {
    expect(read('Fares  3\nCrew  9\nLost property  12\nSafety  15\nAccounts  15\nZones  21').pointers).toBe(true)
  })
  test('an index: entries in alphabetical order', () => {
    expect(read('anchor  91\nbilge  12\nbridge  7\ncompass  44\ndeck  3\nengine  80').pointers).toBe(true)
  })
  test('a table of numbers is none of these', () => {
    expect(
      read('Ticket  Adult  Child\nSingle  340  170\nReturn  600  300\nDay pass  900  450\nMonth  7800  39').pointers,
    ).toBe(false)
    expect(read('Plums 45\nApples 212\nQuinces 3\nPears 120\nCherries 18\nDamsons 7').pointers).toBe(false)
  })
})

describe('units', () => {
  test('headings are known by the path and by their numbers', () => {
    const { units } = read('3.4.1 The single line\n\nFares\n\nThe ferry leaves at noon.', 'Handbook › Fares')
    expect(units.map((unit) => unit.title)).toEqual([true, true, false])
  })
  test('long text without full stops falls into lines', () => {
    const lines = Array.from({ length: 12 }, (_, i) => `setting_${i} = ${i} of the gateway configuration`)
    expect(read(lines.join('\n')).units).toHaveLength(12)
  })
  test('the term of a definition stays with it', () => {
    const { units } = read('100-199:\n\nReserved for the harbour office.\n\nAnything else is free.')
    expect(units.map((unit) => unit.text)).toEqual([
      '100-199:\n\nReserved for the harbour office.',
      'Anything else is free.',
    ])
  })
  test('a pronoun continues the sentence before', () => {
    expect(read('Samples are rinsed. They dry at 35 °C.').units.map((unit) => unit.continues)).toEqual([false, true])
  })
})

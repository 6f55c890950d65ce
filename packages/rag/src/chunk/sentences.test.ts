import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sentencesOf } from './sentences.ts'

const cut = (text: string, language: Parameters<typeof sentencesOf>[1] = 'english') =>
  sentencesOf(text, language).map(({ start, end }) => text.slice(start, end))

describe('sentencesOf', () => {
  test('ends sentences at full stops, not at abbreviations, initials and numbers', () => {
    expect(cut('Dr. J. Smith et al. measured 3.5 mm, cf. Fig. 3. It was e.g. Friday! Really?')).toEqual([
      'Dr. J. Smith et al. measured 3.5 mm, cf. Fig. 3.',
      'It was e.g. Friday!',
      'Really?',
    ])
  })

  test('takes the full stop of a German ordinal for no end', () => {
    expect(
      cut(
        'Die Frist endet am 30. September 2020. Es waren 30. Der Vertrag vom 1. Mai gilt. Im 19. Jahrhundert, im 3. Quartal und bis zum 31.\nDezember.',
        'german',
      ),
    ).toEqual([
      'Die Frist endet am 30. September 2020.',
      'Es waren 30.',
      'Der Vertrag vom 1. Mai gilt.',
      'Im 19. Jahrhundert, im 3. Quartal und bis zum 31.\nDezember.',
    ])
    expect(cut('There were 30. September came.')).toEqual(['There were 30.', 'September came.'])
  })

  test('reads over single line breaks and stops at blank lines', () => {
    expect(cut('A line that goes\non here. Next.\n\nA title\n\nText')).toEqual([
      'A line that goes\non here.',
      'Next.',
      'A title',
      'Text',
    ])
  })

  test('takes a list item and a table row as one', () => {
    expect(cut('- one. Still one?\n- two goes\n  on\nName  Qty\nBolt  3\nEnd.')).toEqual([
      '- one.',
      'Still one?',
      '- two goes\n  on',
      'Name  Qty',
      'Bolt  3',
      'End.',
    ])
  })

  test('knows the full stops of Chinese and Japanese', () => {
    expect(cut('第一句。第二句！', 'chinese')).toEqual(['第一句。', '第二句！'])
  })

  test('covers everything but space, in order, without overlap', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', 'B', '.', ' ', '\n', '  ', '?', '- ', '1.', '。', '字', 'Mr.', '\t', '😀'),
        }),
        (text) => {
          let at = 0
          for (const { start, end } of sentencesOf(text, 'english')) {
            expect(start).toBeGreaterThanOrEqual(at)
            expect(end).toBeGreaterThan(start)
            expect(text.slice(at, start).trim()).toBe('')
            at = end
          }
          expect(text.slice(at).trim()).toBe('')
        },
      ),
    )
  })
})

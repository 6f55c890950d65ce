import { describe, expect, test } from 'vitest'
import { cellFormat } from './cell-format.ts'

describe('cellFormat', () => {
  test.each([
    ['General', 0.1 + 0.2, '0.3'],
    ['General', -1e21, '-1e+21'],
    ['0', 12.5, '13'],
    ['0.00', 1, '1.00'],
    ['0.0#', 1.25, '1.25'],
    ['0.0#', 1, '1.0'],
    ['000', 7, '007'],
    ['#,##0', 1234567.8, '1,234,568'],
    ['#,##0.00;[Red](#,##0.00)', -1234.5, '-1,234.50'],
    ['0%', 0.071, '7%'],
    ['0.0%', 0.071, '7.1%'],
    ['"$"#,##0.00', 4287.5, '$4,287.50'],
    ['_-[$£-809]* #,##0.00_-', 3, '£3.00'],
    ['[$€-407] #,##0.00', -3, '-€ 3.00'],
    ['#,##0.00\\ "€"', 3, '3.00 €'],
    ['0.0 "km/h"', 88, '88.0 km/h'],
    ['"; odd" 0', 5, '; odd 5'],
    ['0.00E+00', 12345, '12345'],
    ['# ?/?', 0.5, '0.5'],
    ['#,##0,', 1234567, '1234567'],
    ['@', 5, '5'],
    ['yyyy-mm-dd', 46024, '2026-01-02'],
    ['[$-409]d\\-mmm\\-yy;@', 46024, '2026-01-02'],
    ['dd/mm/yyyy hh:mm', 46024.75, '2026-01-02 18:00'],
    ['m/d/yy h:mm:ss', 46024.50001, '2026-01-02 12:00:01'],
    ['mmm yyyy', 46024, '2026-01'],
    ['yyyy', 46024, '2026'],
    ['h:mm AM/PM', 0.75, '18:00'],
    ['[h]:mm', 1.5, '36:00'],
    ['mm:ss', 0.01, '00:14:24'],
    ['yyyy-mm-dd', 1, '1900-01-01'],
    ['yyyy-mm-dd', -5, '-5'],
    ['yyyy-mm-dd', 1e300, '1e+300'],
    ['0'.repeat(400), 5, '5'],
  ])('%s of %d', (code, value, shown) => {
    expect(cellFormat(200, code, false)(value)).toBe(shown)
  })

  test('knows built-in formats and the days of old Macs', () => {
    expect(cellFormat(14, undefined, false)(46024)).toBe('2026-01-02')
    expect(cellFormat(31, undefined, false)(46024)).toBe('2026-01-02')
    expect(cellFormat(14, undefined, true)(44562)).toBe('2026-01-02')
    expect(cellFormat(10, undefined, false)(0.5)).toBe('50.00%')
    expect(cellFormat(0, undefined, false)(1.5)).toBe('1.5')
  })
})

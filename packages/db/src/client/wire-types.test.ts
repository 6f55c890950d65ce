import { expect, test } from 'vitest'
import { wireTypes } from './wire-types.ts'

const roundTrip = (id: number, values: unknown[]) => {
  const type = wireTypes[`t${id}`]
  return type?.parse(type.serialize(values))
}

test.each([
  [[]],
  [['a', 'b']],
  [['', ' ', 'NULL', 'null']],
  [['a "quoted" one', String.raw`back\slash`, '{1,2}', 'line\nbreak', '石']],
  [['x', null, 'y']],
])('a text array survives the way there and back: %j', (values) => {
  expect(roundTrip(1009, values)).toEqual(values)
})

test('numbers come back as numbers', () => {
  expect(roundTrip(1007, [1, -2, null])).toEqual([1, -2, null])
})

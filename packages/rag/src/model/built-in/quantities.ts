/** A number with a unit that shows what it measures. */
const MEASURES: readonly (readonly [nouns: readonly string[], unit: RegExp])[] = [
  [['temperature', 'hot', 'cold'], /\d ?(?:°|℃|degrees?|kelvin|K\b)/iu],
  [['speed', 'fast', 'velocity'], /\d ?(?:km\/h|m\/s|mph|knots?|kt)\b|\bper (?:second|hour|minute)\b/iu],
  [
    [
      'cost',
      'price',
      'fee',
      'fare',
      'salary',
      'budget',
      'wage',
      'revenue',
      'charge',
      'rent',
      'premium',
      '票价',
      '价格',
      '费用',
    ],
    /[$€£¥₹]|\b(?:euros?|pounds?|dollars?|cents?|pence|francs?|yen|yuan|EUR|USD|GBP|CHF)\b|元|\bfree\b|免费/iu,
  ],
  [
    ['weigh', 'weight', 'heavy', '重量'],
    /\d ?(?:kg|g|mg|t|lb|oz)\b|\b(?:kilo)?grams?\b|\btonnes?\b|\btons?\b|\bpounds?\b|公斤|千克|克|吨/iu,
  ],
  [
    ['distance', 'height', 'width', 'depth', 'tall', 'deep', 'wide'],
    /\d ?(?:m|km|cm|mm|ft|in|mi)\b|\b(?:kilo|centi|milli)?met(?:re|er)s?\b|\b(?:miles?|feet|inch(?:es)?)\b|米|公里/iu,
  ],
  [['percentage', 'percent', 'share', 'proportion'], /%|\bper ?cent\b|百分/iu],
  [['duration'], /\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b|[年月天日时分秒]/iu],
]

const BY_NOUN: ReadonlyMap<string, RegExp> = new Map(
  MEASURES.flatMap(([nouns, unit]) => nouns.map((noun) => [noun, unit] as const)),
)

/** What a number of this kind looks like ("temperature" → degrees), or undefined when the word measures nothing. */
export const measureOf = (word: string): RegExp | undefined => BY_NOUN.get(word) ?? BY_NOUN.get(word.replace(/s$/u, ''))
